//! What a character code means: code pages, international sets, GB18030.
//!
//! Only meaning; which bytes belong together is the parser's, how it looks is the glyphs'.

use encoding_rs::{
    Encoding, GB18030, IBM866, ISO_8859_7, WINDOWS_1250, WINDOWS_1251, WINDOWS_1252, WINDOWS_1253,
};

/// PC437, codes 80h..FFh: page 0 of practically every ESC/POS printer.
const PC437: &str = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{a0}";
/// PC850 (page 2).
const PC850: &str = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø×ƒáíóúñÑªº¿®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐└┴┬├─┼ãÃ╚╔╩╦╠═╬¤ðÐÊËÈıÍÎÏ┘┌█▄¦Ì▀ÓßÔÒõÕµþÞÚÛÙýÝ¯´\u{ad}±‗¾¶§÷¸°¨·¹³²■\u{a0}";

/// PC852 (page 18).
const PC852: &str = "ÇüéâäůćçłëŐőîŹÄĆÉĹĺôöĽľŚśÖÜŤťŁ×čáíóúĄąŽžĘę¬źČş«»░▒▓│┤ÁÂĚŞ╣║╗╝Żż┐└┴┬├─┼Ăă╚╔╩╦╠═╬¤đĐĎËďŇÍÎě┘┌█▄ŢŮ▀ÓßÔŃńňŠšŔÚŕŰýÝţ´\u{ad}˝˛ˇ˘§÷¸°¨˙űŘř■\u{a0}";
/// PC860 (page 3).
const PC860: &str = "ÇüéâãàÁçêÊèÍÔìÃÂÉÀÈôõòÚùÌÕÜ¢£Ù₧ÓáíóúñÑªº¿Ò¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{a0}";
/// PC863 (page 4).
const PC863: &str = "ÇüéâÂà¶çêëèïî‗À§ÉÈÊôËÏûù¤ÔÜ¢£ÙÛƒ¦´óú¨¸³¯Î⌐¬½¼¾«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{a0}";
/// PC865 (page 5).
const PC865: &str = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø₧ƒáíóúñÑªº¿⌐¬½¼¡«¤░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{a0}";

/// One byte of single-byte text under code page `page` (`ESC t`) and international set `set` (`ESC R`).
pub fn single(byte: u8, page: u8, set: u8) -> char {
    match byte {
        0x00..=0x1F | 0x7F => ' ',
        0x20..=0x7E => international(byte, set),
        _ => {
            let table = |t: &str| t.chars().nth(usize::from(byte - 0x80)).unwrap_or('?');
            let by =
                |e: &'static Encoding| e.decode_without_bom_handling(&[byte]).0.chars().next().unwrap_or('?');
            match page {
                2 => table(PC850),
                3 => table(PC860),
                4 => table(PC863),
                5 => table(PC865),
                15 => by(ISO_8859_7),
                16 => by(WINDOWS_1252),
                17 => by(IBM866),
                18 => table(PC852),
                // PC858 is PC850 with the euro in the place of the dotless i.
                19 if byte == 0xD5 => '€',
                19 => table(PC850),
                45 => by(WINDOWS_1250),
                46 => by(WINDOWS_1251),
                47 => by(WINDOWS_1253),
                _ => table(PC437),
            }
        }
    }
}

/// The national variants of ASCII that receipts use (`ESC R`); the others print as USA.
fn international(byte: u8, set: u8) -> char {
    match (set, byte) {
        (3, b'#') => '£',
        (8, b'\\') => '¥',
        (13, b'\\') => '₩',
        (15, b'$') => '¥',
        _ => char::from(byte),
    }
}

/// Two or four bytes of GB18030.
pub fn wide(bytes: &[u8]) -> char {
    let (text, failed) = GB18030.decode_without_bom_handling(bytes);
    if failed { '\u{FFFD}' } else { text.chars().next().unwrap_or('\u{FFFD}') }
}

/// Width in columns of Font A: a Hanzi is two.
pub fn columns(text: &str) -> usize {
    text.chars().map(|c| if is_wide(c) { 2 } else { 1 }).sum()
}

/// Does the character take a 24-dot cell when it comes from the multi-byte font?
fn is_wide(c: char) -> bool {
    matches!(u32::from(c), 0x1100..=0x115F | 0x2E80..=0xA4CF | 0xAC00..=0xD7A3 | 0xF900..=0xFAFF | 0xFE30..=0xFE4F | 0xFF00..=0xFF60 | 0xFFE0..=0xFFE6 | 0x20000..=0x3FFFD)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_has_128_characters() {
        for table in [PC437, PC850, PC852, PC860, PC863, PC865] {
            assert_eq!(table.chars().count(), 128, "{table}");
        }
    }

    #[test]
    fn codes_mean_what_the_selected_page_says() {
        assert_eq!(single(0x9C, 0, 0), '£');
        assert_eq!(single(0x80, 16, 0), '€');
        assert_eq!(single(b'$', 0, 15), '¥');
        assert_eq!(wide(&[0xB2, 0xE2]), '测');
        assert_eq!(columns("测试ab"), 6);
    }
}
