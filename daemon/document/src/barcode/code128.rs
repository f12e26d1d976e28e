//! Code 128 (ISO/IEC 15417): sets B and C, so that the code is as short as can be.
//!
//! Set A has control characters, which no barcode of a receipt may carry; so it is never needed.

/// Widths of bars and spaces of the symbols 0 to 105, six digits each.
const SYMBOLS: &[u8; 106 * 6] = b"\
    212222222122222221121223121322131222122213122312132212221213221312231212112232122132122231113222\
    123122123221223211221132221231213212223112312131311222321122321221312212322112322211212123212321\
    232121111323131123131321112313132113132311211313231113231311112133112331132131113123113321133121\
    313121211331231131213113213311213131311123311321331121312113312311332111314111221411431111111224\
    111422121124121421141122141221112214112412122114122411142112142211241211221114413111241112134111\
    111242121142121241114212124112124211411212421112421211212141214121412121111143111341131141114113\
    114311411113411311113141114131311141411131211412211214211232";
const STOP: &[u8] = b"2331112";

/// Symbols with a meaning of their own.
const CODE_C: u8 = 99;
const CODE_B: u8 = 100;
const START_B: u8 = 104;
const START_C: u8 = 105;

/// The widths of bars and spaces in turn, in modules, as digits. None if a character is not ASCII from space to `~`.
pub(super) fn widths(data: &[u8]) -> Option<Vec<u8>> {
    if !data.iter().all(|byte| matches!(byte, b' '..=b'~')) {
        return None;
    }
    let mut symbols = symbols(data);
    let sum: usize = symbols.iter().enumerate().map(|(at, symbol)| at.max(1) * usize::from(*symbol)).sum();
    symbols.push((sum % 103) as u8);
    let of = |symbol: &u8| SYMBOLS.chunks_exact(6).nth((*symbol).into()).unwrap_or_default();
    Some(symbols.iter().flat_map(of).chain(STOP).copied().collect())
}

/// The fewest symbols that say it, from the start to before the check symbol.
fn symbols(data: &[u8]) -> Vec<u8> {
    // From the end: how many symbols the rest takes, when set B or set C is on before it.
    let mut rest = vec![(0_usize, 0_usize); data.len() + 2];
    for at in (0..data.len()).rev() {
        let b = 1 + rest[at + 1].0;
        // A digit alone is none of set C.
        let c = pair(data, at).map_or(usize::MAX / 2, |_| 1 + rest[at + 2].1);
        rest[at] = (b.min(c + 1), c.min(b + 1));
    }
    // Equal is B: what follows it may be a letter.
    let mut in_c = rest[0].1 < rest[0].0;
    let mut symbols = vec![if in_c { START_C } else { START_B }];
    let mut at = 0;
    while let Some(byte) = data.get(at) {
        let b = 1 + rest[at + 1].0;
        let pair = pair(data, at).map(|pair| (pair, 1 + rest[at + 2].1));
        let c = pair.map_or(usize::MAX / 2, |(_, c)| c);
        let stay_in_c = if in_c { c <= b + 1 } else { c + 1 < b };
        if stay_in_c != in_c {
            symbols.push(if stay_in_c { CODE_C } else { CODE_B });
            in_c = stay_in_c;
        }
        match pair {
            Some((pair, _)) if in_c => {
                symbols.push(pair);
                at += 2;
            }
            _ => {
                symbols.push(byte - b' ');
                at += 1;
            }
        }
    }
    symbols
}

/// The two digits at a place, as the number they are.
fn pair(data: &[u8], at: usize) -> Option<u8> {
    match data.get(at..at + 2)? {
        [tens @ b'0'..=b'9', ones @ b'0'..=b'9'] => Some((tens - b'0') * 10 + (ones - b'0')),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_has_106_symbols_of_eleven_modules_no_two_alike() {
        let symbols: Vec<&[u8]> = SYMBOLS.chunks_exact(6).collect();
        for (index, symbol) in symbols.iter().enumerate() {
            assert_eq!(symbol.iter().map(|digit| digit - b'0').sum::<u8>(), 11, "{index}");
            // Bars are an even number of modules together: the self-check of the code.
            assert_eq!(symbol.iter().step_by(2).map(|digit| digit - b'0').sum::<u8>() % 2, 0, "{index}");
            assert!(!symbols[..index].contains(symbol), "{index}");
        }
    }

    #[test]
    fn digits_go_into_set_c_where_that_is_shorter() {
        assert_eq!(symbols(b"123456"), [START_C, 12, 34, 56]);
        assert_eq!(symbols(b"AB"), [START_B, 33, 34]);
        // Two digits between letters stay in B, six do not.
        assert_eq!(symbols(b"A12B").len(), 5);
        assert_eq!(symbols(b"A123456B"), [START_B, 33, CODE_C, 12, 34, 56, CODE_B, 34]);
        // An odd one stands where it costs least.
        assert_eq!(symbols(b"12345").len(), 5);
        assert_eq!(symbols(b"1"), [START_B, 17]);
    }

    #[test]
    fn no_shorter_way_is_missed() {
        // All ways to say it, tried one by one.
        fn shortest(data: &[u8], at: usize, in_c: bool) -> usize {
            if at == data.len() {
                return 0;
            }
            let b = 1 + shortest(data, at + 1, false) + usize::from(in_c);
            match pair(data, at) {
                Some(_) => b.min(1 + shortest(data, at + 2, true) + usize::from(!in_c)),
                None => b,
            }
        }
        for mask in 0..1_u32 << 11 {
            let data: Vec<u8> = (0..11).map(|bit| if mask >> bit & 1 == 1 { b'7' } else { b'x' }).collect();
            let best = 1 + shortest(&data, 0, false).min(shortest(&data, 0, true));
            assert_eq!(symbols(&data).len(), best, "{}", String::from_utf8_lossy(&data));
        }
    }
}
