/* faulthandler.enable() takes the signals of crashes: not those that the host handles itself. */
#include "calling.h"

#include <setjmp.h>
#include <signal.h>

static sigjmp_buf after_the_crash;
static _Alignas(16) char stack[1 << 16];

static void jumps(int signal, siginfo_t *info, void *context) {
    (void)info, (void)context;
    siglongjmp(after_the_crash, signal);
}

/* As run-time systems do that make errors of nil pointers: on a stack of its own. */
static void handles(int signal) {
    struct sigaction action = {.sa_flags = SA_SIGINFO | SA_ONSTACK};
    action.sa_sigaction = jumps;
    CHECK(sigaction(signal, &action, NULL) == 0);
    stack_t alternative = {.ss_sp = stack, .ss_size = sizeof stack};
    CHECK(sigaltstack(&alternative, NULL) == 0);
}

static struct sigaction action_of(int signal) {
    struct sigaction action;
    CHECK(sigaction(signal, NULL, &action) == 0);
    return action;
}

static void survives_a_null_pointer(void) {
    static int *volatile nowhere;
    if (sigsetjmp(after_the_crash, 1) == 0) {
        *nowhere = 1;
        CHECK_SEEN(0, "%s", "the null pointer was written to");
    }
}

CASE(handler_of_the_host_stays) {
    handles(SIGSEGV);
    CHECK_OK(nexus_python_start(NULL, &error));
    survives_a_null_pointer();
    const char *const ways[] = {"import faulthandler; faulthandler.enable()",
                                "import faulthandler, sys; faulthandler.enable(sys.stderr, False)",
                                "import faulthandler, sys; faulthandler.enable(file=sys.stderr, all_threads=True)",
                                "import faulthandler; faulthandler.disable(); faulthandler.enable()",
                                "from faulthandler import enable, disable; enable(); disable(); enable()"};
    for (size_t i = 0; i < COUNT(ways); i++) {
        run_python(ways[i]);
        struct sigaction action = action_of(SIGSEGV);
        CHECK(action.sa_sigaction == jumps);
        CHECK((action.sa_flags & (SA_SIGINFO | SA_ONSTACK)) == (SA_SIGINFO | SA_ONSTACK));
        stack_t now;
        CHECK(sigaltstack(NULL, &now) == 0);
        CHECK(now.ss_sp == stack && now.ss_size == sizeof stack);
        /* What the host has left alone is faulthandler's. */
        CHECK(action_of(SIGBUS).sa_handler != SIG_DFL);
        survives_a_null_pointer();
    }
    run_python("import faulthandler\nassert faulthandler.is_enabled()");
    run_python("import faulthandler, tempfile\n"
               "with tempfile.TemporaryFile() as file:\n"
               "    faulthandler.dump_traceback(file)\n"
               "    file.seek(0)\n"
               "    assert b'most recent call first' in file.read()\n");
    run_python("import faulthandler\nfaulthandler.disable()\nassert not faulthandler.is_enabled()");
    CHECK(action_of(SIGSEGV).sa_sigaction == jumps);
    CHECK(action_of(SIGBUS).sa_handler == SIG_DFL);
    survives_a_null_pointer();
}

CASE(without_a_handler_all_is_faulthandlers) {
    const int signals[] = {SIGSEGV, SIGFPE, SIGABRT, SIGBUS, SIGILL};
    signal(SIGFPE, SIG_IGN);
    run_python("import faulthandler; faulthandler.enable()");
    for (size_t i = 0; i < COUNT(signals); i++) {
        CHECK(action_of(signals[i]).sa_handler != SIG_DFL);
        CHECK(action_of(signals[i]).sa_handler != SIG_IGN);
    }
    run_python("import faulthandler; faulthandler.disable()");
    for (size_t i = 0; i < COUNT(signals); i++)
        CHECK(action_of(signals[i]).sa_handler == (signals[i] == SIGFPE ? SIG_IGN : SIG_DFL));
}

CASE(wrong_arguments_raise_what_they_did) {
    handles(SIGSEGV);
    run_python("import faulthandler\n"
               "def raised(*args, **keywords):\n"
               "    try: faulthandler.enable(*args, **keywords)\n"
               "    except BaseException as error: return type(error).__name__\n"
               "assert raised(nonsense=1) == 'TypeError'\n"
               "assert raised(1, 2, 3, 4, 5) == 'TypeError'\n"
               "assert raised(object()) == 'AttributeError'\n"
               "assert not faulthandler.is_enabled()\n"
               "assert faulthandler.enable.__name__ == 'enable'\n");
    survives_a_null_pointer();
}
