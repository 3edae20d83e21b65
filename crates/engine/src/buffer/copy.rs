//! Copies between items that lie apart and one block.

use crate::buffer::shape::{Order, is_contiguous};

/// Items that lie apart.
pub struct Strided<'a> {
    /// The item whose indices are all 0.
    pub data: *mut u8,
    /// Bytes of one item.
    pub item_size: usize,
    /// The lengths.
    pub shape: &'a [isize],
    /// As many distances, in bytes.
    pub strides: &'a [isize],
    /// As many suboffsets, if any counts.
    pub suboffsets: Option<&'a [isize]>,
}

/// Which way to copy.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// From the items to the block.
    Out,
    /// From the block to the items.
    In,
}

/// Copies between items that lie apart and a block of all of them in that order.
///
/// # Safety
/// The description is true, no item overlaps the block, and `block` has room for all; what is copied to
/// may be written to. There is at least one item.
pub unsafe fn copy(items: &Strided<'_>, order: Order, block: *mut u8, direction: Direction) {
    // SAFETY: the caller says that the description is true and the block has room.
    unsafe {
        if let Some(suboffsets) = items.suboffsets {
            return copy_indirect(items, suboffsets, order, block, direction);
        }
        if is_contiguous(items.shape, items.strides, items.item_size as isize, order) {
            let size = items.shape.iter().product::<isize>() as usize * items.item_size;
            return transfer(items.data, block, size, direction);
        }
        let mut dimensions: Vec<(isize, isize)> = (items.shape.iter().copied())
            .zip(items.strides.iter().copied())
            .collect();
        if order == Order::F {
            dimensions.reverse();
        }
        copy_level(items.data, &dimensions, items.item_size, block, direction);
    }
}

/// Copies all items below one level of dimensions, the slowest first; returns where in the block the next
/// ones go.
unsafe fn copy_level(
    items: *mut u8,
    dimensions: &[(isize, isize)],
    item_size: usize,
    mut block: *mut u8,
    direction: Direction,
) -> *mut u8 {
    // SAFETY: `copy` is told a true description: all addresses are those of items, and of as many places in the block.
    unsafe {
        match dimensions {
            [] => {
                transfer(items, block, item_size, direction);
                block.add(item_size)
            }
            &[(length, stride)] => {
                match item_size {
                    1 => copy_row::<1>(items, length, stride, block, direction),
                    2 => copy_row::<2>(items, length, stride, block, direction),
                    4 => copy_row::<4>(items, length, stride, block, direction),
                    8 => copy_row::<8>(items, length, stride, block, direction),
                    16 => copy_row::<16>(items, length, stride, block, direction),
                    _ => {
                        for index in 0..length {
                            let place = block.add(index as usize * item_size);
                            transfer(items.offset(index * stride), place, item_size, direction);
                        }
                    }
                }
                block.add(length as usize * item_size)
            }
            [(length, stride), faster @ ..] => {
                for index in 0..*length {
                    let row = items.offset(index * stride);
                    block = copy_level(row, faster, item_size, block, direction);
                }
                block
            }
        }
    }
}

/// A row of items of a size that the compiler knows.
unsafe fn copy_row<const SIZE: usize>(
    items: *mut u8,
    length: isize,
    stride: isize,
    block: *mut u8,
    direction: Direction,
) {
    for index in 0..length {
        // SAFETY: an item of the row, and its place in the block; arrays of bytes need no alignment.
        unsafe {
            let item = items.offset(index * stride).cast::<[u8; SIZE]>();
            let place = block.add(index as usize * SIZE).cast::<[u8; SIZE]>();
            match direction {
                Direction::Out => place.write(item.read()),
                Direction::In => item.write(place.read()),
            }
        }
    }
}

/// The same, item by item, where pointers are to be followed on the way.
unsafe fn copy_indirect(
    items: &Strided<'_>,
    suboffsets: &[isize],
    order: Order,
    mut block: *mut u8,
    direction: Direction,
) {
    let ndim = items.shape.len();
    let mut indices = vec![0_isize; ndim];
    loop {
        // SAFETY: `copy` is told a true description: the pointers on the way are there, and lead to items.
        unsafe {
            let mut item = items.data;
            for dimension in 0..ndim {
                item = item.offset(indices[dimension] * items.strides[dimension]);
                if suboffsets[dimension] >= 0 {
                    item = item
                        .cast::<*mut u8>()
                        .read_unaligned()
                        .offset(suboffsets[dimension]);
                }
            }
            transfer(item, block, items.item_size, direction);
            block = block.add(items.item_size);
        }
        let next = |dimension: usize| {
            indices[dimension] += 1;
            if indices[dimension] == items.shape[dimension] {
                indices[dimension] = 0;
            }
            indices[dimension] != 0
        };
        let more = match order {
            Order::C => (0..ndim).rev().any(next),
            Order::F => (0..ndim).any(next),
        };
        if !more {
            return;
        }
    }
}

/// Copies that many bytes.
unsafe fn transfer(item: *mut u8, place: *mut u8, size: usize, direction: Direction) {
    // SAFETY: both have `size` bytes, which may overlap.
    unsafe {
        match direction {
            Direction::Out => core::ptr::copy(item, place, size),
            Direction::In => core::ptr::copy(place, item, size),
        }
    }
}
