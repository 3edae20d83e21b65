//! What parent and child say to each other: frames of a length, four bytes with the highest first, and
//! that many bytes; fields are separated by NUL, which neither names nor paths can hold. See child.py.

/// child.py ends with this code when its channel is broken.
pub const NO_CHANNEL: i32 = 113;

/// More is not an answer.
pub const LONGEST: usize = 1024 * 1024;

/// A frame of these fields.
pub fn frame<'a>(fields: impl IntoIterator<Item = &'a [u8]>) -> Vec<u8> {
    let mut frame = vec![0; 4];
    for (index, field) in fields.into_iter().enumerate() {
        if index > 0 {
            frame.push(0);
        }
        frame.extend_from_slice(field);
    }
    let length = u32::try_from(frame.len() - 4).unwrap_or(u32::MAX);
    frame[..4].copy_from_slice(&length.to_be_bytes());
    frame
}

/// Takes one frame's fields out of what was received. `Ok(None)`: it is not complete yet. An error:
/// these bytes are not a frame.
pub fn take(received: &mut Vec<u8>) -> Result<Option<Vec<Vec<u8>>>, ()> {
    let Some((length, rest)) = received.split_first_chunk::<4>() else {
        return Ok(None);
    };
    let length = u32::from_be_bytes(*length) as usize;
    if length > LONGEST {
        return Err(());
    }
    let Some(body) = rest.get(..length) else {
        return Ok(None);
    };
    let fields = body.split(|byte| *byte == 0).map(<[u8]>::to_vec).collect();
    received.drain(..4 + length);
    Ok(Some(fields))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_survive_being_cut_anywhere() {
        let mut sent = frame([b"load".as_slice(), b"1", b"a.b", b"/x y"]);
        sent.extend(frame([b"".as_slice()]));
        let mut received = Vec::new();
        let mut taken = Vec::new();
        for byte in sent {
            received.push(byte);
            taken.extend(take(&mut received).unwrap());
        }
        let expected: [Vec<Vec<u8>>; 2] = [
            [b"load".as_slice(), b"1", b"a.b", b"/x y"]
                .map(<[u8]>::to_vec)
                .to_vec(),
            vec![Vec::new()],
        ];
        assert_eq!(taken, expected);
        assert!(received.is_empty());
    }

    #[test]
    fn what_is_no_frame_is_refused() {
        assert_eq!(take(&mut b"Hello, world\n".to_vec()), Err(()));
    }
}
