//! What the tests share: a UnionPay-like slip, and small helpers around a running printer.
#![allow(clippy::unwrap_used, clippy::panic)]
#![allow(dead_code)]

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;
use virtual_printer::{Config, Handle, Rendered, VirtualPrinter};

/// Numbers from a seed (SplitMix64): the same on every machine, so that a seed replays.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0xD134_2543_DE82_EF95))
    }

    pub fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.0 ^ self.0 >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ z >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ z >> 31) % n as u64) as usize
    }

    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }
}

/// The dots of a paper, read from its PNG, without the margins.
pub struct Dots {
    pub width: usize,
    pub height: usize,
    margin: usize,
    stride: usize,
    rows: Vec<u8>,
}

impl Dots {
    /// White at both sides of the paper in the picture, dots.
    const MARGIN: usize = 32;

    pub fn of(paper: &Rendered) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("paper.png");
        paper.save_png(&path).unwrap();
        Self::of_png(&std::fs::read(path).unwrap(), Self::MARGIN)
    }

    pub fn of_png(png: &[u8], margin: usize) -> Self {
        let mut reader = png::Decoder::new(std::io::Cursor::new(png)).read_info().unwrap();
        let mut rows = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut rows).unwrap();
        assert_eq!((info.bit_depth, info.color_type), (png::BitDepth::One, png::ColorType::Grayscale));
        let (width, height) = (info.width as usize - 2 * margin, info.height as usize);
        Self { width, height, margin, stride: info.line_size, rows }
    }

    pub fn black(&self, x: usize, y: usize) -> bool {
        let x = x + self.margin;
        self.rows.get(y * self.stride + x / 8).is_some_and(|byte| byte & (0x80 >> (x % 8)) == 0)
    }
}

/// What zbarimg reads from the picture: kind and content. `None`, and it says so, when it is not installed.
pub fn codes_on(paper: &Rendered) -> Option<Vec<(String, String)>> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("codes.png");
    paper.save_png(&path).unwrap();
    match std::process::Command::new("zbarimg").arg("--quiet").arg(path).output() {
        Ok(out) => Some(
            String::from_utf8_lossy(&out.stdout)
                .lines()
                .filter_map(|line| line.split_once(':'))
                .map(|(kind, content)| (kind.into(), content.into()))
                .collect(),
        ),
        Err(e) => {
            eprintln!("SKIPPED: zbarimg cannot be run ({e}); install zbar-tools to check codes");
            None
        }
    }
}

/// Long enough for any machine; nothing waits this long unless the test fails.
pub const PATIENCE: Duration = Duration::from_secs(20);

pub fn start(config: Config) -> Handle {
    VirtualPrinter::start(config).unwrap()
}

pub fn model(name: &str) -> Config {
    Config::new(name).unwrap()
}

pub fn connect(printer: &Handle) -> TcpStream {
    let stream = TcpStream::connect(printer.addr()).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.set_nodelay(true).unwrap();
    stream
}

pub fn read_exact(stream: &mut TcpStream, n: usize) -> Vec<u8> {
    let mut bytes = vec![0; n];
    stream.read_exact(&mut bytes).unwrap();
    bytes
}

/// Ask and get one byte back.
pub fn ask(stream: &mut TcpStream, question: &[u8]) -> u8 {
    stream.write_all(question).unwrap();
    read_exact(stream, 1)[0]
}

pub fn process_id(id: &[u8; 4]) -> Vec<u8> {
    [b"\x1d(H\x06\x0000".as_slice(), id].concat()
}

pub fn process_id_answer(id: &[u8; 4]) -> Vec<u8> {
    [b"\x37\x22".as_slice(), id, &[0]].concat()
}

pub const CUT: &[u8] = b"\x1dVB\x00";
pub const CLEAR: &[u8] = &[0x10, 0x14, 8, 1, 3, 20, 1, 6, 2, 8];

/// Text in GB18030 with Kanji mode around it.
pub fn gb(text: &str) -> Vec<u8> {
    let bytes = encoding_rs::GB18030.encode(text).0;
    [b"\x1c&".as_slice(), &bytes, b"\x1c."].concat()
}

pub fn qr(payload: &[u8], module: u8) -> Vec<u8> {
    let mut out = b"\x1d(k\x04\x001A2\x00".to_vec();
    out.extend([0x1D, b'(', b'k', 3, 0, 49, 67, module, 0x1D, b'(', b'k', 3, 0, 49, 69, 49]);
    let n = u16::try_from(payload.len() + 3).unwrap().to_le_bytes();
    out.extend([0x1D, b'(', b'k', n[0], n[1], 49, 80, 48]);
    out.extend(payload);
    out.extend([0x1D, b'(', b'k', 3, 0, 49, 81, 48]);
    out
}

/// A sales slip as terminals in China print it, for 48 columns.
pub fn slip() -> Vec<u8> {
    let mut out = b"\x1b@\x1ba\x01\x1d!\x11".to_vec();
    out.extend(gb("银联商务签购单\n"));
    out.extend(b"\x1d!\x00");
    out.extend(gb("持卡人存根 CARDHOLDER COPY\n\n"));
    out.extend(b"\x1ba\x00");
    for line in [
        "商户名称: 幸福里便利店",
        "商户编号: 898310058120001",
        "终端编号: 01234567        操作员: 01",
        "------------------------------------------------",
        "卡号: 622848******1234 /C",
        "发卡行: 农业银行      收单行: 银联商务",
        "交易类型: 消费 SALE",
        "批次号: 000012        凭证号: 000345",
        "日期时间: 2026/11/27 14:32:05",
        "参考号: 143205600123",
    ] {
        out.extend(gb(line));
        out.push(b'\n');
    }
    out.extend(b"\x1bE\x01\x1d!\x11");
    out.extend(gb("金额: RMB 128.50\n"));
    out.extend(b"\x1d!\x00\x1bE\x00");
    out.extend(b"\x1b-\x01");
    out.extend(gb("本人确认以上交易\n"));
    out.extend(b"\x1b-\x00\x1dB\x01");
    out.extend(gb(" 重打印 DUPLICATE 1 \n"));
    out.extend(b"\x1dB\x00\x1bM\x01Font B: small print, 9x17 dots a character\n\x1bM\x00");
    out.extend(b"\x1ba\x01\n");
    out.extend(qr("https://example.com/r?j=0842&a=12850".as_bytes(), 5));
    out.extend(b"\n\x1dh\x50\x1dw\x02\x1dH\x02\x1dk\x49\x0e{BJOB-00000842");
    out.extend(b"\n\x1ba\x00");
    out.extend(CUT);
    out
}
