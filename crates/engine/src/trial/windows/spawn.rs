//! Starting a process in a job, with no other handles than those it is to have: the standard library's `Command` lets
//! a child inherit all that are inheritable, also those of what other threads start meanwhile.

use std::io;
use std::os::windows::io::{AsRawHandle, BorrowedHandle, FromRawHandle, OwnedHandle};
use std::path::Path;
use std::time::Duration;
use windows_sys::Win32::Foundation::{
    HANDLE, HANDLE_FLAG_INHERIT, SetHandleInformation, TRUE, WAIT_OBJECT_0,
};
use windows_sys::Win32::System::JobObjects::{
    AssignProcessToJobObject, CreateJobObjectW, JOB_OBJECT_LIMIT_DIE_ON_UNHANDLED_EXCEPTION,
    JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE, JOBOBJECT_EXTENDED_LIMIT_INFORMATION,
    JobObjectExtendedLimitInformation, SetInformationJobObject, TerminateJobObject,
};
use windows_sys::Win32::System::Threading::{
    CREATE_NEW_PROCESS_GROUP, CREATE_NO_WINDOW, CREATE_SUSPENDED, CreateProcessW,
    DeleteProcThreadAttributeList, EXTENDED_STARTUPINFO_PRESENT, GetExitCodeProcess,
    InitializeProcThreadAttributeList, PROC_THREAD_ATTRIBUTE_HANDLE_LIST, PROCESS_INFORMATION,
    ResumeThread, STARTF_USESTDHANDLES, STARTUPINFOEXW, TerminateProcess,
    UpdateProcThreadAttribute, WaitForSingleObject,
};

/// What a child has for its standard handles; errors go where output goes.
pub struct Standard<'a> {
    pub input: BorrowedHandle<'a>,
    pub output: BorrowedHandle<'a>,
}

/// A process and its job.
pub struct Spawned {
    process: OwnedHandle,
    job: OwnedHandle,
}

/// Starts a program, with a NUL-terminated command line in UTF-16. It inherits these handles under their numbers.
pub fn spawn(
    program: &Path,
    command_line: &[u16],
    standard: &Standard<'_>,
    others: &[BorrowedHandle<'_>],
) -> io::Result<Spawned> {
    let job = job()?;
    let program = nexus_abi::platform::windows::wide(program);
    // The system may write to it.
    let mut command_line = command_line.to_vec();
    let mut handles: Vec<HANDLE> = [standard.input, standard.output]
        .iter()
        .chain(others)
        .map(AsRawHandle::as_raw_handle)
        .collect();
    for handle in &handles {
        // SAFETY: an open handle, which only this function's caller has; the flag goes with it.
        check(unsafe { SetHandleInformation(*handle, HANDLE_FLAG_INHERIT, HANDLE_FLAG_INHERIT) })?;
    }
    let attributes = Attributes::of_handles(&mut handles)?;
    let mut startup = STARTUPINFOEXW {
        lpAttributeList: attributes.list.as_ptr().cast_mut().cast(),
        ..STARTUPINFOEXW::default()
    };
    startup.StartupInfo.cb = size_of::<STARTUPINFOEXW>() as u32;
    startup.StartupInfo.dwFlags = STARTF_USESTDHANDLES;
    startup.StartupInfo.hStdInput = standard.input.as_raw_handle();
    startup.StartupInfo.hStdOutput = standard.output.as_raw_handle();
    startup.StartupInfo.hStdError = standard.output.as_raw_handle();
    let mut information = PROCESS_INFORMATION::default();
    // SAFETY: NUL-terminated texts, and structs that live through the call; the handles that it fills in are ours.
    let (process, thread) = unsafe {
        check(CreateProcessW(
            program.as_ptr(),
            command_line.as_mut_ptr(),
            core::ptr::null(),
            core::ptr::null(),
            TRUE,
            // Not to run before it is in the job.
            CREATE_SUSPENDED
                | CREATE_NO_WINDOW
                | CREATE_NEW_PROCESS_GROUP
                | EXTENDED_STARTUPINFO_PRESENT,
            core::ptr::null(),
            core::ptr::null(),
            (&raw const startup).cast(),
            &raw mut information,
        ))?;
        (
            OwnedHandle::from_raw_handle(information.hProcess),
            OwnedHandle::from_raw_handle(information.hThread),
        )
    };
    // SAFETY: the handles of the new process, its first thread and the job.
    unsafe {
        let assigned = check(AssignProcessToJobObject(
            job.as_raw_handle(),
            process.as_raw_handle(),
        ));
        if assigned.is_err() || ResumeThread(thread.as_raw_handle()) == u32::MAX {
            let error = assigned.err().unwrap_or_else(io::Error::last_os_error);
            TerminateProcess(process.as_raw_handle(), 1);
            return Err(error);
        }
    }
    Ok(Spawned { process, job })
}

impl Spawned {
    /// Whether it has ended, or does within that time.
    pub fn wait(&self, limit: Duration) -> bool {
        let milliseconds = u32::try_from(limit.as_millis()).unwrap_or(u32::MAX - 1);
        // SAFETY: an open handle.
        unsafe { WaitForSingleObject(self.process.as_raw_handle(), milliseconds) == WAIT_OBJECT_0 }
    }

    /// Ends it, unless it has ended, and all that it has started.
    pub fn end_job(&self) {
        // SAFETY: an open handle.
        unsafe { TerminateJobObject(self.job.as_raw_handle(), 1) };
    }

    /// What it ended with, once it has.
    pub fn exit_code(&self) -> Option<u32> {
        let mut code = 0;
        // SAFETY: an open handle, and a number to write to.
        let done = unsafe { GetExitCodeProcess(self.process.as_raw_handle(), &raw mut code) };
        (done != 0).then_some(code)
    }
}

/// A job that ends with its last handle, and whose processes end at an exception that nobody catches.
fn job() -> io::Result<OwnedHandle> {
    let mut limits = JOBOBJECT_EXTENDED_LIMIT_INFORMATION::default();
    limits.BasicLimitInformation.LimitFlags =
        JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE | JOB_OBJECT_LIMIT_DIE_ON_UNHANDLED_EXCEPTION;
    // SAFETY: a job without a name; the new handle is ours; a struct of that size.
    unsafe {
        let job = CreateJobObjectW(core::ptr::null(), core::ptr::null());
        if job.is_null() {
            return Err(io::Error::last_os_error());
        }
        let job = OwnedHandle::from_raw_handle(job);
        check(SetInformationJobObject(
            job.as_raw_handle(),
            JobObjectExtendedLimitInformation,
            (&raw const limits).cast(),
            size_of_val(&limits) as u32,
        ))?;
        Ok(job)
    }
}

fn check(done: i32) -> io::Result<()> {
    match done {
        0 => Err(io::Error::last_os_error()),
        _ => Ok(()),
    }
}

/// The list of handles that a child inherits.
struct Attributes {
    // As 64-bit words, so that it is aligned.
    list: Vec<u64>,
}

impl Attributes {
    fn of_handles(handles: &mut [HANDLE]) -> io::Result<Self> {
        let mut size = 0;
        // SAFETY: asks for the size; then a list of that size, and an array of handles that is only read, and
        // lives as long as the list is used.
        unsafe {
            InitializeProcThreadAttributeList(core::ptr::null_mut(), 1, 0, &raw mut size);
            let mut list = vec![0_u64; size.div_ceil(8)];
            check(InitializeProcThreadAttributeList(
                list.as_mut_ptr().cast(),
                1,
                0,
                &raw mut size,
            ))?;
            let mut attributes = Self { list };
            check(UpdateProcThreadAttribute(
                attributes.list.as_mut_ptr().cast(),
                0,
                PROC_THREAD_ATTRIBUTE_HANDLE_LIST as usize,
                handles.as_mut_ptr().cast(),
                size_of_val(handles),
                core::ptr::null_mut(),
                core::ptr::null(),
            ))?;
            Ok(attributes)
        }
    }
}

impl Drop for Attributes {
    fn drop(&mut self) {
        // SAFETY: a list that was initialized.
        unsafe { DeleteProcThreadAttributeList(self.list.as_mut_ptr().cast()) };
    }
}
