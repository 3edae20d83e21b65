import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The JVM is itself with Python inside: it uses SIGSEGV for its null checks, stack banging and safepoints, and
 * SIGINT for its end. Argument: directory.
 */
public final class Survival {
    private int field;

    public static void main(String[] arguments) throws Exception {
        Nexus.Loader loader = Nexus.open(arguments[0], false);
        Nexus.importModule("faulthandler").call("enable");
        Nexus.PythonObject crypto = loader.get("crypto");

        // Compiled code checks for null by faulting (SIGSEGV), once it is hot.
        int caught = 0, sum = 0;
        Survival[] all = {new Survival(), null};
        for (int i = 0; i < 200_000; i++) {
            try {
                sum += read(all[i % 1000 == 999 ? 1 : 0]);
            } catch (NullPointerException expected) {
                caught++;
            }
        }
        check(caught == 200 && sum == 0, "null checks");

        // The end of the stack is a fault, too.
        try {
            deep(0);
            check(false, "no end of the stack");
        } catch (StackOverflowError expected) {
            check("2a24600860".equals(crypto.call("encrypt", "Hello")), "after the stack's end");
        }

        // The collector stops threads that are in Python, or come from there.
        AtomicBoolean done = new AtomicBoolean();
        List<Thread> threads = new ArrayList<>();
        CountDownLatch running = new CountDownLatch(4);
        for (int i = 0; i < 4; i++) {
            Thread thread = new Thread(() -> {
                while (!done.get()) {
                    check("2a24600860".equals(crypto.call("encrypt", "Hello")), "while collecting");
                    running.countDown();
                }
            });
            thread.start();
            threads.add(thread);
        }
        running.await();
        for (int i = 0; i < 20; i++) {
            System.gc();
        }
        done.set(true);
        for (Thread thread : threads) {
            thread.join();
        }

        // A thread of Python's calls Java.
        List<Object> given = new ArrayList<>();
        Nexus.PythonObject remember = Nexus.callable("remember", values -> {
            given.add(values[0]);
            System.gc(); // the callback itself is in use
            return "größe";
        });
        Nexus.PythonObject lists = (Nexus.PythonObject) Nexus.importModule("json").call("loads", "[[\"größe\"]]");
        Nexus.PythonObject thread = (Nexus.PythonObject) Nexus.importModule("threading").call(
            "Thread", null, remember, null, lists.call("pop"));
        thread.call("start");
        thread.call("join");
        check(given.equals(List.of("größe")), "a thread of Python's");
        remember.close();

        // What a function gets and gives, in both directions and nested.
        Nexus.PythonObject operator = Nexus.importModule("operator"), functools = Nexus.importModule("functools");
        Nexus.PythonObject words = (Nexus.PythonObject) Nexus.importModule("json").call("loads", "[\"grö\", \"ße\"]");
        Nexus.PythonObject join = Nexus.callable("join", two -> (String) two[0] + two[1]);
        check(functools.call("reduce", join, words).equals("größe"), "text of a function");
        Nexus.PythonObject same = Nexus.callable("same", one -> one[0]);
        check(operator.call("call", same, words).toString().equals("['grö', 'ße']"), "an object of a function");
        check(operator.call("call", same, null) == null, "None of a function");
        Nexus.PythonObject[] nested = new Nexus.PythonObject[1];
        nested[0] = Nexus.callable("nested", one ->
            (long) one[0] == 0 ? "end" : operator.call("call", nested[0], (long) one[0] - 1));
        check(operator.call("call", nested[0], 20).equals("end"), "nested functions");

        // From several threads at once, each function with its own errors.
        Thread[] callers = new Thread[4];
        for (int i = 0; i < callers.length; i++) {
            String mine = "thread " + i;
            callers[i] = new Thread(() -> {
                Nexus.PythonObject raise = Nexus.callable("raise", none -> {
                    throw new IllegalStateException(mine);
                });
                for (int j = 0; j < 500; j++) {
                    check(functools.call("reduce", join, words).equals("größe"), "a function in " + mine);
                    try {
                        functools.call("reduce", raise, words);
                        check(false, "no exception in " + mine);
                    } catch (Nexus.Failure failure) {
                        check(failure.getMessage().equals("builtins.RuntimeError: " + mine), failure.getMessage());
                    }
                }
            });
            callers[i].start();
        }
        for (Thread caller : callers) {
            caller.join();
        }

        // Java forgets a function that Python has forgotten.
        WeakReference<Object> forgotten = forgottenFunction();
        for (int i = 0; i < 1000 && forgotten.get() != null; i++) {
            System.gc();
            Thread.sleep(10);
        }
        check(forgotten.get() == null, "a function is kept");

        // Values come back as they were.
        Nexus.PythonObject copy = Nexus.importModule("copy");
        Object[] values = {null, true, -1L, Long.MIN_VALUE, 0.5, "größe\0🐍", ""};
        for (Object value : values) {
            Object back = copy.call("copy", value);
            check(value == null ? back == null : value.equals(back), "value " + value);
        }

        // SIGINT ends the JVM with its shutdown hooks, and raises nothing in Python.
        Runtime.getRuntime().addShutdownHook(new Thread(() -> System.out.println("still Java")));
        new ProcessBuilder("kill", "-INT", Long.toString(ProcessHandle.current().pid())).start().waitFor();
        Thread.sleep(60_000);
        check(false, "SIGINT was lost");
    }

    private static WeakReference<Object> forgottenFunction() {
        Object captured = new Object();
        Nexus.PythonObject callable = Nexus.callable("forgotten", none -> captured.hashCode());
        check((long) Nexus.importModule("operator").call("call", callable) == captured.hashCode(), "a hash code");
        callable.close();
        return new WeakReference<>(captured);
    }

    private static int read(Survival object) {
        return object.field;
    }

    private static int deep(int depth) {
        return deep(depth + 1) + 1;
    }

    private static void check(boolean holds, String what) {
        if (!holds) {
            System.err.println("not so: " + what);
            Runtime.getRuntime().halt(1);
        }
    }
}
