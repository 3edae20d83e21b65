//! Shapes and strides: arithmetic only.

use core::ops::RangeInclusive;
use nexus_abi::{Failure, NEXUS_ORDER_C, NEXUS_ORDER_F, Result};

/// More dimensions than this nothing has: CPython's `PyBUF_MAX_NDIM`.
pub const MAX_NDIM: usize = 64;

/// In which order items follow each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// The last index varies fastest.
    C,
    /// The first index varies fastest.
    F,
}

impl Order {
    /// The order of that number.
    pub fn from_c(order: u32) -> Result<Self> {
        match order {
            NEXUS_ORDER_C => Ok(Self::C),
            NEXUS_ORDER_F => Ok(Self::F),
            other => Err(Failure::invalid(format!(
                "argument 'order' is {other}, neither NEXUS_ORDER_C nor NEXUS_ORDER_F"
            ))),
        }
    }

    /// The dimensions of that many, the fastest first.
    fn fastest_first(self, ndim: usize) -> impl Iterator<Item = usize> {
        (0..ndim).map(move |index| match self {
            Self::C => ndim - 1 - index,
            Self::F => index,
        })
    }
}

/// Bytes of all items together; `None` if a length is negative, or if they are more than memory.
pub fn size(shape: &[isize], item_size: isize) -> Option<isize> {
    if item_size < 0 || shape.iter().any(|&length| length < 0) {
        return None;
    }
    if shape.contains(&0) {
        return Some(0);
    }
    shape
        .iter()
        .try_fold(item_size, |size, &length| size.checked_mul(length))
}

/// The strides of one block. The shape has a [`size`].
pub fn contiguous_strides(shape: &[isize], item_size: isize, order: Order) -> Box<[isize]> {
    let mut strides = vec![0; shape.len()];
    let mut stride = item_size;
    for index in order.fastest_first(shape.len()) {
        strides[index] = stride;
        // Where a length is 0, the others may be anything, and no stride is ever used.
        stride = stride.saturating_mul(shape[index]);
    }
    strides.into_boxed_slice()
}

/// Whether the items are one block in that order, as CPython sees it: the stride of a dimension with
/// fewer than two items does not count, and what has no item is contiguous.
pub fn is_contiguous(shape: &[isize], strides: &[isize], item_size: isize, order: Order) -> bool {
    if shape.contains(&0) || item_size == 0 {
        return true;
    }
    let mut expected = item_size;
    order.fastest_first(shape.len()).all(|index| {
        let fits = shape[index] == 1 || strides[index] == expected;
        expected = expected.wrapping_mul(shape[index]);
        fits
    })
}

/// The bytes, counted from the first item, that the items reach over; `None` if they are more than
/// memory. The shape has a [`size`] that is not 0.
pub fn reach(
    shape: &[isize],
    strides: &[isize],
    item_size: isize,
) -> Option<RangeInclusive<isize>> {
    let (mut low, mut high) = (0_isize, item_size.checked_sub(1)?);
    for (&length, &stride) in shape.iter().zip(strides) {
        let last = stride.checked_mul(length - 1)?;
        if last < 0 {
            low = low.checked_add(last)?;
        } else {
            high = high.checked_add(last)?;
        }
    }
    Some(low..=high)
}
