"""The slip and the raster receipt of the bench, made by python-escpos: microseconds for each, as one line of JSON.

A median of the calls alone: the interpreter and its imports are not in it.
"""

import json
import statistics
import sys
import time

from escpos.printer import Dummy
from PIL import Image, ImageDraw, ImageFont

LABELS = ["商户编号 MERCHANT NO.", "终端号 TERMINAL NO.", "操作员 OPERATOR", "发卡行 ISSUER", "收单行 ACQUIRER",
          "卡组织 NETWORK", "卡序号 CARD SEQ.", "交易类型 TXN TYPE", "批次号 BATCH NO.", "凭证号 VOUCHER NO.",
          "授权码 AUTH NO.", "参考号 REF NO.", "时间 TIME", "APP", "AID", "TC", "TVR", "TSI", "ATC"]


def columns(text):
    return sum(1 if ord(character) < 0x2e80 else 2 for character in text)


def pair(printer, left, right):
    printer._raw((left + " " * (48 - columns(left) - columns(right)) + right + "\n").encode("gb18030"))


def slip():
    for _ in ("merchant", "customer"):
        printer = Dummy(profile="TM-T88V")
        printer._raw(b"\x1b@\x1c&")
        printer.set(align="center", bold=True, double_width=True, double_height=True)
        printer._raw("银联商务 签购单\n".encode("gb18030"))
        printer.set(align="left", bold=False, normal_textsize=True)
        for label in LABELS:
            pair(printer, label, "898110154110")
        printer.set(align="right", bold=True, double_width=True, double_height=True)
        printer._raw(b"RMB 128.00\n")
        printer.set(align="left", bold=False, normal_textsize=True)
        printer._raw(("-" * 48 + "\n").encode())
        printer.qr("https://example.com/r/1", native=True)
        printer.cut(mode="PART")
        assert printer.output


def raster(font):
    # Its profile of this printer has 512 dots across.
    image = Image.new("1", (512, 1600), 1)
    draw = ImageDraw.Draw(image)
    for line in range(53):
        draw.text((0, line * 30), f"{line:02} 商品名称 Article 规格 {line * 7}  x{line % 5}  {line * 13}.{line:02}", font=font)
    printer = Dummy(profile="TM-T88V")
    printer.image(image, impl="bitImageRaster")
    assert printer.output


def micros(work, times):
    taken = []
    for _ in range(times):
        begin = time.perf_counter()
        work()
        taken.append((time.perf_counter() - begin) * 1e6)
    return statistics.median(taken)


font = ImageFont.truetype(sys.argv[1], 24)
print(json.dumps({"slip": micros(slip, 200), "raster": micros(lambda: raster(font), 10)}))
