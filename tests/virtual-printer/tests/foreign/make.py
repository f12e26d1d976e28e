#!/usr/bin/env python3
"""Documents of python-escpos 3.1, and what each intends. For tests/foreign.rs; CI does not run this.

    python3 -m venv /tmp/v && /tmp/v/bin/pip install python-escpos==3.1
    /tmp/v/bin/python tests/virtual-printer/tests/foreign/make.py

Each document is NAME.bin (what the printer gets) and NAME.json (what is meant, written here by hand and
never taken from the bytes): `text`, the lines in order without blanks at their ends; `styles`, how a run of
characters looks; `codes`, what a reader must read; `pictures`, where `picture()` stands in which scale;
`cuts` and `drawer`.
"""

import json
import pathlib
from importlib.metadata import version

from escpos.printer import Dummy
from PIL import Image

assert version("python-escpos") == "3.1", "the documents are pinned to 3.1"
HERE = pathlib.Path(__file__).parent


def picture(width, height):
    """Dots by a rule that tests/foreign.rs knows as well, so that no picture file is needed."""
    image = Image.new("1", (width, height), 1)
    for y in range(height):
        for x in range(width):
            if (x * x + 3 * y * y + x * y) % 7 < 3:
                image.putpixel((x, y), 0)
    return image


def write(name, printer, text=(), styles=(), codes=(), pictures=(), cuts=(), drawer=()):
    (HERE / f"{name}.bin").write_bytes(printer.output)
    meant = dict(text=list(text), styles=list(styles), codes=list(codes), pictures=list(pictures),
                 cuts=list(cuts), drawer=list(drawer))
    (HERE / f"{name}.json").write_text(json.dumps(meant, ensure_ascii=False, indent=1) + "\n")


def new():
    return Dummy(profile="TM-T88V")


p = new()
p.set_with_default()
p.textln("plain")
p.set(bold=True)
p.textln("bold")
p.set(bold=False, underline=1)
p.textln("underlined")
p.set(underline=2)
p.textln("thick line")
p.set(underline=0, invert=True)
p.textln("white on black")
p.set(invert=False, font="b")
p.textln("font b")
p.set(font="a", double_width=True)
p.textln("wide")
p.set(double_height=True, double_width=False)
p.textln("high")
p.set(double_height=True, double_width=True)
p.textln("both")
p.set(custom_size=True, width=3, height=4)
p.textln("3x4")
p.set(normal_textsize=True)
p.textln("plain again")
write("py-styles", p,
      text=["plain", "bold", "underlined", "thick line", "white on black", "font b", "wide", "high", "both", "3x4",
            "plain again"],
      styles=[dict(text="plain"), dict(text="bold", bold=True), dict(text="underlined", underline=1),
              dict(text="thick line", underline=2), dict(text="white on black", reverse=True),
              dict(text="font b", font="B"), dict(text="wide", width=2), dict(text="high", height=2),
              dict(text="both", width=2, height=2), dict(text="3x4", width=3, height=4), dict(text="plain again")])

p = new()
for align in ["left", "center", "right"]:
    p.set(align=align)
    p.textln(align)
p.set(align="left")
p.block_text("The quick brown fox jumps over the lazy dog and does it again and again", columns=24)
p.ln(2)
p.text("Tea\tGreen\t2.50\n")
p.cut()
write("py-layout", p,
      text=["left", "center", "right", "The quick brown fox", "jumps over the lazy dog", "and does it again and",
            "again", "Tea     Green   2.50"],
      styles=[dict(text="left", at=0), dict(text="center", at=(576 - 72) // 2), dict(text="right", at=576 - 60)],
      cuts=["full"])

p = new()
p.textln("Crème brûlée à 5 €")
p.textln("Größe: Übermaß")
p.textln("£3.00 ¥500 ½ ±1°")
p.textln("Цена 100")
p.cut(mode="PART")
write("py-codepages", p, text=["Crème brûlée à 5 €", "Größe: Übermaß", "£3.00 ¥500 ½ ±1°", "Цена 100"],
      cuts=["partial"])

p = new()
for level, size, data in [(0, 4, "https://example.com/r?j=1"), (1, 6, "LEVEL M 1234567890"), (2, 8, "level q 金额"),
                          (3, 3, "x" * 200)]:
    p.qr(data, ec=level, size=size, native=True)
    p.ln(3)
p.qr("drawn by the host", size=5)
p.ln(2)
p.cut()
write("py-qr", p,
      codes=[["QR-Code", "https://example.com/r?j=1"], ["QR-Code", "LEVEL M 1234567890"], ["QR-Code", "level q 金额"],
             ["QR-Code", "x" * 200], ["QR-Code", "drawn by the host"]], cuts=["full"])

p = new()
p.set(align="center")
for code, data, fn in [("EAN13", "4006381333931", "A"), ("EAN8", "96385074", "A"), ("UPC-A", "036000291452", "A"),
                       ("CODE39", "CODE39-1", "A"), ("ITF", "12345678", "A"), ("EAN13", "6921168509256", "B"),
                       ("CODE39", "ABC 123", "B"), ("ITF", "0123456789", "B"), ("CODE128", "{BJob-00000842", "B")]:
    p.barcode(data, code, height=80, width=2, pos="BELOW", font="A", function_type=fn, align_ct=False)
    p.ln(2)
p.cut()
write("py-barcodes", p,
      text=["4006381333931", "96385074", "036000291452", "*CODE39-1*", "12345678", "6921168509256", "*ABC 123*",
            "0123456789", "Job-00000842"],
      codes=[["EAN-13", "4006381333931"], ["EAN-8", "96385074"], ["EAN-13", "0036000291452"], ["CODE-39", "CODE39-1"],
             ["I2/5", "12345678"], ["EAN-13", "6921168509256"], ["CODE-39", "ABC 123"], ["I2/5", "0123456789"],
             ["CODE-128", "Job-00000842"]], cuts=["full"])

p = new()
p.textln("raster")
p.image(picture(61, 50), impl="bitImageRaster")
p.image(picture(64, 48), impl="bitImageRaster", high_density_horizontal=False)
p.image(picture(64, 48), impl="bitImageRaster", high_density_vertical=False)
# Not both in one call: python-escpos cuts the pieces from the picture before it was centred, as wide as the paper,
# and what is beyond the picture comes out black.
p.image(picture(40, 30), impl="bitImageRaster", center=True)
p.image(picture(40, 60), impl="bitImageRaster", fragment_height=32)
p.textln("end")
p.cut()
write("py-raster", p, text=["raster", "end"],
      pictures=[dict(size=[61, 50], x=0), dict(size=[64, 48], x=0, scale=[2, 1]),
                dict(size=[64, 48], x=0, scale=[1, 2]), dict(size=[40, 30], x=(512 - 40) // 2), dict(size=[40, 60], x=0)], cuts=["full"])

p = new()
p.textln("graphics")
p.image(picture(61, 50), impl="graphics")
p.image(picture(64, 48), impl="graphics", high_density_horizontal=False, high_density_vertical=False)
p.textln("columns")
p.image(picture(64, 48), impl="bitImageColumn")
p.image(picture(64, 48), impl="bitImageColumn", high_density_horizontal=False)
p.textln("end")
write("py-graphics", p, text=["graphics", "columns", "end"],
      pictures=[dict(size=[61, 50], x=0), dict(size=[64, 48], x=0, scale=[2, 2]), dict(size=[64, 48], x=0),
                dict(size=[64, 48], x=0, scale=[2, 1])])

# python-escpos knows no double-byte text: the bytes are given to it.
p = new()
p.hw("INIT")
p._raw(b"\x1c&" + "银联商务签购单\n金额: RMB 128.50\n㐀四字节\n".encode("gb18030") + b"\x1c.")
p.textln("Thank you")
p.cashdraw(2)
p.cashdraw(5)
p.buzzer(2, 4)
p.cut(feed=False)
write("py-chinese-drawer", p, text=["银联商务签购单", "金额: RMB 128.50", "㐀四字节", "Thank you"], cuts=["partial"],
      drawer=[0, 1])
