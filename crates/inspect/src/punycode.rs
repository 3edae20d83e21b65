//! Punycode (RFC 3492), which CPython uses for the init function of a module with a non-ASCII name
//! (PEP 489): `PyInitU_` and the encoded name, a dash written as an underscore.
//!
//! Own code: the crates for it belong to internationalised domain names, which lower the case, limit
//! the length to 63 and refuse what is a good identifier.

const BASE: u32 = 36;
const T_MIN: u32 = 1;
const T_MAX: u32 = 26;
const SKEW: u32 = 38;
const DAMP: u32 = 700;
const INITIAL_BIAS: u32 = 72;
const INITIAL_N: u32 = 128;

/// Decoding inserts each character into the middle, so the time is quadratic; names are short.
const MAX_LENGTH: usize = 1024;

/// Decodes punycode; `None` if it is none.
pub(crate) fn decode(text: &str) -> Option<String> {
    if text.len() > MAX_LENGTH || !text.is_ascii() {
        return None;
    }
    let (basic, extended) = text.rsplit_once('-').unwrap_or(("", text));
    let mut output: Vec<char> = basic.chars().collect();
    let (mut n, mut i, mut bias) = (INITIAL_N, 0u32, INITIAL_BIAS);
    let mut digits = extended.bytes();
    while let Some(first) = digits.next() {
        let start = i;
        let mut weight = 1u32;
        let mut byte = first;
        for k in (1..).map(|k| k * BASE) {
            let digit = match byte {
                b'a'..=b'z' => byte - b'a',
                b'A'..=b'Z' => byte - b'A',
                b'0'..=b'9' => byte - b'0' + 26,
                _ => return None,
            };
            let digit = u32::from(digit);
            i = i.checked_add(digit.checked_mul(weight)?)?;
            let t = threshold(k, bias);
            if digit < t {
                break;
            }
            weight = weight.checked_mul(BASE - t)?;
            byte = digits.next()?;
        }
        let count = output.len() as u32 + 1;
        bias = adapt(i - start, count, start == 0);
        n = n.checked_add(i / count)?;
        i %= count;
        output.insert(i as usize, char::from_u32(n)?);
        i += 1;
    }
    Some(output.into_iter().collect())
}

/// Encodes as Python's `str.encode("punycode")` does; `None` only for absurd lengths.
pub(crate) fn encode(text: &str) -> Option<String> {
    if text.len() > 4 * MAX_LENGTH {
        return None;
    }
    let characters: Vec<u32> = text.chars().map(u32::from).collect();
    let mut output: String = text.chars().filter(char::is_ascii).collect();
    let basic = output.len() as u32;
    if basic > 0 {
        output.push('-');
    }
    let (mut n, mut delta, mut bias) = (INITIAL_N, 0u32, INITIAL_BIAS);
    let mut done = basic;
    while (done as usize) < characters.len() {
        let next = characters.iter().copied().filter(|c| *c >= n).min()?;
        delta = delta.checked_add((next - n).checked_mul(done + 1)?)?;
        n = next;
        for &character in &characters {
            if character < n {
                delta = delta.checked_add(1)?;
            }
            if character == n {
                let mut rest = delta;
                for k in (1..).map(|k| k * BASE) {
                    let t = threshold(k, bias);
                    if rest < t {
                        break;
                    }
                    output.push(digit(t + (rest - t) % (BASE - t)));
                    rest = (rest - t) / (BASE - t);
                }
                output.push(digit(rest));
                bias = adapt(delta, done + 1, done == basic);
                delta = 0;
                done += 1;
            }
        }
        delta = delta.checked_add(1)?;
        n += 1;
    }
    Some(output)
}

fn digit(value: u32) -> char {
    char::from(match value {
        0..26 => b'a' + value as u8,
        _ => b'0' + (value - 26) as u8,
    })
}

fn threshold(k: u32, bias: u32) -> u32 {
    k.saturating_sub(bias).clamp(T_MIN, T_MAX)
}

fn adapt(delta: u32, count: u32, first: bool) -> u32 {
    let mut delta = if first { delta / DAMP } else { delta / 2 };
    delta += delta / count;
    let mut k = 0;
    while delta > ((BASE - T_MIN) * T_MAX) / 2 {
        delta /= BASE - T_MIN;
        k += BASE;
    }
    k + (((BASE - T_MIN + 1) * delta) / (delta + SKEW))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways() {
        // The first two are from PEP 489, the others from RFC 3492 section 7.1.
        for (plain, encoded) in [
            ("lančmít", "lanmt-2sa6t"),
            ("スパム", "zck5b2b"),
            ("他们为什么不说中文", "ihqwcrb4cv8a8dqg056pqjye"),
            (
                "PorquénopuedensimplementehablarenEspañol",
                "PorqunopuedensimplementehablarenEspaol-fmd56a",
            ),
            ("3年B組金八先生", "3B-ww4c5e180e575a65lsy2b"),
            ("-> $1.00 <-", "-> $1.00 <--"),
        ] {
            assert_eq!(encode(plain).as_deref(), Some(encoded));
            assert_eq!(decode(encoded).as_deref(), Some(plain));
        }
    }

    #[test]
    fn nonsense_is_refused() {
        for text in ["99999999999", "ab-9", "a!", "ü", "99999999999999999999"] {
            assert_eq!(decode(text), None, "{text}");
        }
        assert_eq!(decode(&"a".repeat(2000)), None);
    }
}
