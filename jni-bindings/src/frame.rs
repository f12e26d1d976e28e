//! The bytes that pass between Java and Rust: `BOUNDARY.md`, "Frames". Big-endian, as `java.io.DataOutput` writes them.
//!
//! What a field is worth is not looked at here: the daemon does that. A frame that ends early, has something behind its
//! end, or holds what is no UTF-8 is a defect of the Java side, and is told as such.

use std::collections::BTreeMap;

use crate::limits::FRAME_BYTES_MAX;

/// A frame that is not what `BOUNDARY.md` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// It ends before its last field does.
    #[error("a frame ends in the middle of a field")]
    Short,
    /// Something stands behind its last field.
    #[error("{0} bytes stand behind the end of a frame")]
    Long(usize),
    /// A string is not UTF-8.
    #[error("a string in a frame is not UTF-8")]
    NotUtf8,
    /// A length or a number is below zero, or a flag is neither 0 nor 1.
    #[error("a number in a frame is out of its range")]
    OutOfRange,
    /// It is longer than any call can be.
    #[error("a frame has {0} bytes, and at most {FRAME_BYTES_MAX} are taken")]
    TooLarge(usize),
}

/// Reads a frame from its beginning to its end.
#[derive(Debug)]
pub struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    /// A reader of a whole frame.
    ///
    /// # Errors
    /// [`Malformed::TooLarge`].
    pub fn new(frame: &'a [u8]) -> Result<Self, Malformed> {
        if frame.len() > FRAME_BYTES_MAX { Err(Malformed::TooLarge(frame.len())) } else { Ok(Self(frame)) }
    }

    /// The next field.
    ///
    /// # Errors
    /// [`Malformed`].
    pub fn take<T: Take<'a>>(&mut self) -> Result<T, Malformed> {
        T::take(self)
    }

    /// Nothing may be left.
    ///
    /// # Errors
    /// [`Malformed::Long`].
    pub fn end(self) -> Result<(), Malformed> {
        if self.0.is_empty() { Ok(()) } else { Err(Malformed::Long(self.0.len())) }
    }

    fn bytes(&mut self, count: usize) -> Result<&'a [u8], Malformed> {
        let (bytes, rest) = self.0.split_at_checked(count).ok_or(Malformed::Short)?;
        self.0 = rest;
        Ok(bytes)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        let (bytes, rest) = self.0.split_first_chunk().ok_or(Malformed::Short)?;
        self.0 = rest;
        Ok(*bytes)
    }
}

/// Something that a frame can hold, on its way in.
pub trait Take<'a>: Sized {
    /// Reads it.
    ///
    /// # Errors
    /// [`Malformed`].
    fn take(reader: &mut Reader<'a>) -> Result<Self, Malformed>;
}

impl Take<'_> for bool {
    fn take(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        match reader.array()? {
            [0] => Ok(false),
            [1] => Ok(true),
            _ => Err(Malformed::OutOfRange),
        }
    }
}

impl Take<'_> for i32 {
    fn take(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        reader.array().map(Self::from_be_bytes)
    }
}

impl Take<'_> for u32 {
    fn take(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        reader.array().map(Self::from_be_bytes)
    }
}

/// Java has no unsigned numbers: one below zero was a defect there before it came here.
impl Take<'_> for u64 {
    fn take(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        let number = reader.array().map(i64::from_be_bytes)?;
        number.try_into().map_err(|_| Malformed::OutOfRange)
    }
}

impl<'a> Take<'a> for &'a [u8] {
    fn take(reader: &mut Reader<'a>) -> Result<Self, Malformed> {
        let count = reader.take::<i32>()?;
        reader.bytes(count.try_into().map_err(|_| Malformed::OutOfRange)?)
    }
}

impl<'a> Take<'a> for &'a str {
    fn take(reader: &mut Reader<'a>) -> Result<Self, Malformed> {
        std::str::from_utf8(reader.take()?).map_err(|_| Malformed::NotUtf8)
    }
}

impl Take<'_> for String {
    fn take(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        reader.take::<&str>().map(str::to_owned)
    }
}

impl<'a, T: Take<'a>> Take<'a> for Option<T> {
    fn take(reader: &mut Reader<'a>) -> Result<Self, Malformed> {
        if reader.take()? { reader.take().map(Some) } else { Ok(None) }
    }
}

/// Writes a frame.
#[derive(Debug, Default)]
pub struct Writer(Vec<u8>);

impl Writer {
    /// Appends a field.
    pub fn put<T: Put + ?Sized>(&mut self, value: &T) -> &mut Self {
        value.put(self);
        self
    }

    /// The frame.
    pub fn finish(self) -> Vec<u8> {
        self.0
    }

    fn count(&mut self, count: usize) {
        // What the daemon sends is bounded far below; a list that is not would end early, and Java would say so.
        self.put(&i32::try_from(count).unwrap_or(i32::MAX));
    }
}

/// A frame of one thing.
pub fn frame<T: Put + ?Sized>(value: &T) -> Vec<u8> {
    let mut writer = Writer::default();
    writer.put(value);
    writer.finish()
}

/// Something that a frame can hold, on its way out.
pub trait Put {
    /// Writes it.
    fn put(&self, writer: &mut Writer);
}

impl<T: Put + ?Sized> Put for &T {
    fn put(&self, writer: &mut Writer) {
        (**self).put(writer);
    }
}

impl Put for () {
    fn put(&self, _: &mut Writer) {}
}

impl Put for bool {
    fn put(&self, writer: &mut Writer) {
        writer.0.push(u8::from(*self));
    }
}

macro_rules! numbers {
    ($($number:ty),+) => {$(
        impl Put for $number {
            fn put(&self, writer: &mut Writer) {
                writer.0.extend_from_slice(&self.to_be_bytes());
            }
        }
    )+};
}

numbers!(i32, u32, u64);

/// Java has nothing between a byte and 32 bits in its `DataInput` that is worth the trouble.
impl Put for u16 {
    fn put(&self, writer: &mut Writer) {
        u32::from(*self).put(writer);
    }
}

/// Bytes, with their count.
#[derive(Debug, Clone, Copy)]
pub struct Bytes<'a>(pub &'a [u8]);

impl Put for Bytes<'_> {
    fn put(&self, writer: &mut Writer) {
        writer.count(self.0.len());
        writer.0.extend_from_slice(self.0);
    }
}

impl Put for str {
    fn put(&self, writer: &mut Writer) {
        Bytes(self.as_bytes()).put(writer);
    }
}

impl Put for String {
    fn put(&self, writer: &mut Writer) {
        self.as_str().put(writer);
    }
}

impl<T: Put> Put for Option<T> {
    fn put(&self, writer: &mut Writer) {
        self.is_some().put(writer);
        if let Some(value) = self {
            value.put(writer);
        }
    }
}

impl<T: Put> Put for [T] {
    fn put(&self, writer: &mut Writer) {
        writer.count(self.len());
        for item in self {
            item.put(writer);
        }
    }
}

impl<T: Put> Put for Vec<T> {
    fn put(&self, writer: &mut Writer) {
        self.as_slice().put(writer);
    }
}

impl<K: Put, V: Put> Put for BTreeMap<K, V> {
    fn put(&self, writer: &mut Writer) {
        writer.count(self.len());
        for (key, value) in self {
            writer.put(key).put(value);
        }
    }
}

macro_rules! tuples {
    ($(($($name:ident),+))+) => {$(
        impl<$($name: Put),+> Put for ($($name,)+) {
            #[expect(non_snake_case, reason = "the members have the names of their types")]
            fn put(&self, writer: &mut Writer) {
                let ($($name,)+) = self;
                $($name.put(writer);)+
            }
        }
    )+};
}

tuples! { (A, B) (A, B, C) (A, B, C, D) }

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_java_writes_is_read() {
        let frame = [0, 0, 0, 3, 0xE5, 0xB0, 0x8F, 1, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0, 0, 42];
        let mut reader = Reader::new(&frame).unwrap();
        assert_eq!(reader.take::<&str>(), Ok("小"));
        assert_eq!(reader.take::<Option<u32>>(), Ok(Some(7)));
        assert_eq!(reader.take::<Option<bool>>(), Ok(None));
        assert_eq!(reader.take::<u64>(), Ok(42));
        assert_eq!(reader.end(), Ok(()));
    }

    #[test]
    fn a_damaged_frame_is_named_and_nothing_is_read_beyond_it() {
        let read = |frame: &[u8]| Reader::new(frame).unwrap().take::<String>();
        assert_eq!(read(&[0, 0, 0]), Err(Malformed::Short));
        assert_eq!(read(&[0, 0, 0, 9, b'a']), Err(Malformed::Short));
        assert_eq!(read(&[0xFF, 0, 0, 0]), Err(Malformed::OutOfRange));
        assert_eq!(read(&[0, 0, 0, 1, 0xFF]), Err(Malformed::NotUtf8));
        assert_eq!(Reader::new(&[2]).unwrap().take::<bool>(), Err(Malformed::OutOfRange));
        assert_eq!(Reader::new(&[0xFF; 8]).unwrap().take::<u64>(), Err(Malformed::OutOfRange));
        assert_eq!(Reader::new(&[0]).unwrap().end(), Err(Malformed::Long(1)));
        let huge = vec![0; FRAME_BYTES_MAX + 1];
        assert_eq!(Reader::new(&huge).unwrap_err(), Malformed::TooLarge(huge.len()));
    }

    #[test]
    fn what_is_written_is_what_java_reads() {
        let map = BTreeMap::from([("k", 1_u32)]);
        let written = frame(&(Some("é"), vec![(7_u64, true)], Bytes(&[9]), map));
        let expected = [
            &[1, 0, 0, 0, 2, 0xC3, 0xA9][..],
            &[0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 7, 1],
            &[0, 0, 0, 1, 9],
            &[0, 0, 0, 1, 0, 0, 0, 1, b'k', 0, 0, 0, 1],
        ];
        assert_eq!(written, expected.concat());
    }
}
