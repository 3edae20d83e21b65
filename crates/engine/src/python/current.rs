//! Where Python keeps which thread state is current, and where that has its exception.
//!
//! `PyThreadState_GetUnchecked` and `PyErr_Occurred` tell, but each looks up a thread-local variable by a
//! call: both together were a quarter of a short call's time. The two places are nothing that Python
//! promises, so they are looked for at the start, by what they do when the GIL is given up and when an
//! exception is raised, and only on releases on which that was run before. Where more or less than one place does it,
//! Python is asked each time.

use super::CurrentThreadState;
use core::sync::atomic::{AtomicPtr, AtomicUsize, Ordering};
use pyo3::ffi::{PyObject, PyThreadState};

/// A place that holds a thread state, or NULL.
pub type Place = AtomicPtr<PyThreadState>;

/// The distance of the exception from the start of a thread state, in bytes; 0: not found.
static EXCEPTION: AtomicUsize = AtomicUsize::new(0);

/// Whether an exception is pending in the current thread state, `state`. The caller holds the GIL.
#[inline(always)]
pub fn is_raising_in(state: *mut PyThreadState) -> bool {
    match EXCEPTION.load(Ordering::Relaxed) {
        0 => super::is_raising(),
        // SAFETY: within the state, as `find_exception` has seen; only this thread writes it.
        distance => unsafe {
            !state
                .byte_add(distance)
                .cast::<*mut PyObject>()
                .read()
                .is_null()
        },
    }
}

/// Looks for both. The caller holds the GIL, which is given up for moments, and has no exception pending.
pub fn init(current: CurrentThreadState) {
    super::probed(super::python_minor_version(), || {
        // SAFETY: callable from any thread once Python has started.
        let state = unsafe { current() };
        EXCEPTION.store(find_exception(state).unwrap_or(0), Ordering::Relaxed);
        place::find(current, state);
    });
}

pub use place::of_this_thread;

/// The pointers at the start of a thread state that are looked at: it has more in every version.
const WORDS: usize = 32;

fn find_exception(state: *mut PyThreadState) -> Option<usize> {
    use pyo3::ffi as api;
    // SAFETY: the GIL is held, so that only this thread changes its state.
    let look = || unsafe { state.cast::<[usize; WORDS]>().read() };
    // SAFETY: types that live as long as Python; three places to write to, and what is written there.
    unsafe {
        let mut candidates: Vec<usize> = (1..WORDS).collect();
        for kind in [api::PyExc_ValueError, api::PyExc_KeyError] {
            let before = look();
            api::PyErr_SetNone(kind);
            let raised = look();
            let mut parts = [core::ptr::null_mut(); 3];
            let [class, value, traceback] = &mut parts;
            api::PyErr_Fetch(class, value, traceback);
            let after = look();
            // Until 3.11 the type, since then the exception.
            let is_it = |word: usize| word == parts[0].addr() || word == parts[1].addr();
            candidates.retain(|&word| {
                (before[word], after[word]) == (0, 0) && raised[word] != 0 && is_it(raised[word])
            });
            for part in parts {
                api::Py_XDECREF(part);
            }
        }
        match candidates[..] {
            [word] => Some(word * size_of::<usize>()),
            _ => None,
        }
    }
}

/// Until 3.11 there is one place for all threads, in `_PyRuntime`; since 3.12 each thread has a variable.
#[cfg(all(
    target_os = "linux",
    any(target_arch = "x86_64", target_arch = "aarch64")
))]
mod place {
    use super::{CurrentThreadState, Place, PyThreadState};
    use core::ffi::{c_int, c_void};
    use core::sync::atomic::{AtomicPtr, AtomicUsize, Ordering};
    use pyo3::ffi::{PyEval_RestoreThread, PyEval_SaveThread};

    /// What names a thread-local variable (ELF handling of thread-local storage).
    #[repr(C)]
    struct TlsIndex {
        module: usize,
        offset: usize,
    }

    unsafe extern "C" {
        /// Where this thread has it (the same; in the dynamic linker of glibc and musl).
        fn __tls_get_addr(index: *const TlsIndex) -> *mut c_void;
    }

    /// The place for all threads.
    static SHARED: AtomicPtr<Place> = AtomicPtr::new(core::ptr::null_mut());
    /// The variable of each, if the module is not 0.
    static MODULE: AtomicUsize = AtomicUsize::new(0);
    static OFFSET: AtomicUsize = AtomicUsize::new(0);

    /// Where the current thread state is kept for this thread; NULL if that is not known.
    pub fn of_this_thread() -> *mut Place {
        match MODULE.load(Ordering::Relaxed) {
            0 => SHARED.load(Ordering::Relaxed),
            module => {
                let offset = OFFSET.load(Ordering::Relaxed);
                // SAFETY: a variable of libpython, which is never closed.
                unsafe { __tls_get_addr(&TlsIndex { module, offset }) }.cast()
            }
        }
    }

    pub fn find(current: CurrentThreadState, state: *mut PyThreadState) {
        let mut library = Library {
            function: current as usize,
            ..Library::default()
        };
        // SAFETY: the function below, and what it writes to.
        unsafe { libc::dl_iterate_phdr(Some(look), (&raw mut library).cast()) };
        if let Some(place) = the_one(library.variables, state) {
            OFFSET.store(place.addr() - library.variables.start, Ordering::Relaxed);
            MODULE.store(library.module, Ordering::Relaxed);
        } else if let Some(place) = the_one(runtime(library.data), state) {
            SHARED.store(place, Ordering::Relaxed);
        }
    }

    /// The library that a function is in.
    #[derive(Default)]
    struct Library {
        function: usize,
        module: usize,
        /// This thread's variables of the library.
        variables: Region,
        /// The library's segment that can be written to.
        data: Region,
    }

    #[derive(Clone, Copy, Default)]
    struct Region {
        start: usize,
        end: usize,
    }

    unsafe extern "C" fn look(
        info: *mut libc::dl_phdr_info,
        size: libc::size_t,
        library: *mut c_void,
    ) -> c_int {
        // SAFETY: what `dl_iterate_phdr` passes, and the `Library` of `find`.
        let (info, library, headers) = unsafe {
            let info = &*info;
            let headers = core::slice::from_raw_parts(info.dlpi_phdr, info.dlpi_phnum.into());
            (info, &mut *library.cast::<Library>(), headers)
        };
        let region = |start: u64, size: u64| Region {
            start: start as usize,
            end: start.wrapping_add(size) as usize,
        };
        let loaded = |header: &libc::Elf64_Phdr| {
            region(info.dlpi_addr.wrapping_add(header.p_vaddr), header.p_memsz)
        };
        let is_in = |header: &&libc::Elf64_Phdr| {
            let region = loaded(header);
            header.p_type == libc::PT_LOAD && (region.start..region.end).contains(&library.function)
        };
        if !headers.iter().any(|header| is_in(&header)) {
            return 0;
        }
        for header in headers {
            if header.p_type == libc::PT_LOAD && header.p_flags & libc::PF_W != 0 {
                library.data = loaded(header);
            }
            // The last two members came later to the struct.
            let has_variables = size >= size_of::<libc::dl_phdr_info>();
            if header.p_type == libc::PT_TLS && has_variables && !info.dlpi_tls_data.is_null() {
                library.variables = region(info.dlpi_tls_data.addr() as u64, header.p_memsz);
                library.module = info.dlpi_tls_modid;
            }
        }
        1
    }

    /// The beginning of `_PyRuntime`, in which 3.11 has the place.
    fn runtime(data: Region) -> Region {
        const SIZE: usize = 4096;
        let start = crate::python::library::symbol(c"_PyRuntime").addr();
        if (data.start..data.end).contains(&start) {
            let end = data.end.min(start + SIZE);
            Region { start, end }
        } else {
            Region::default()
        }
    }

    /// The only place in a region that has this state with the GIL held, and NULL without it. (If another
    /// thread takes the GIL meanwhile, there is none.)
    fn the_one(region: Region, state: *mut PyThreadState) -> Option<*mut Place> {
        const ROUNDS: usize = 3;
        let first = region.start.next_multiple_of(align_of::<Place>());
        let mut candidates: Vec<&Place> = (first..region.end)
            .step_by(size_of::<Place>())
            .filter(|address| address + size_of::<Place>() <= region.end)
            // SAFETY: in memory of libpython that is there as long as it, or as this thread.
            .map(|address| unsafe { &*core::ptr::with_exposed_provenance::<Place>(address) })
            .filter(|place| place.load(Ordering::Relaxed) == state)
            .collect();
        for _ in 0..ROUNDS {
            if candidates.is_empty() {
                return None;
            }
            // SAFETY: this thread holds the GIL, and takes it again at once.
            unsafe {
                let state = PyEval_SaveThread();
                candidates.retain(|place| place.load(Ordering::Relaxed).is_null());
                PyEval_RestoreThread(state);
            }
            candidates.retain(|place| place.load(Ordering::Relaxed) == state);
        }
        match candidates[..] {
            [place] => Some(core::ptr::from_ref(place).cast_mut()),
            _ => None,
        }
    }
}

#[cfg(not(all(
    target_os = "linux",
    any(target_arch = "x86_64", target_arch = "aarch64")
)))]
mod place {
    use super::{CurrentThreadState, Place, PyThreadState};

    /// NULL: not known.
    pub fn of_this_thread() -> *mut Place {
        core::ptr::null_mut()
    }

    pub fn find(_: CurrentThreadState, _: *mut PyThreadState) {}
}
