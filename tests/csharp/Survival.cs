// Mono is itself with Python inside: it uses SIGSEGV and SIGFPE for its exceptions, and real-time signals to
// stop threads for its collector. Argument: directory.

using System;
using System.Collections.Generic;
using System.Threading;

sealed class Survival
{
    int field = 1;

    static int Main(string[] arguments)
    {
        var loader = Nexus.Open(arguments[0]);
        Nexus.Import("faulthandler").Call("enable");
        var crypto = loader.Get("crypto");

        int caught = 0, sum = 0, zero = int.Parse("0");
        Survival[] all = {new Survival(), null};
        for (int i = 0; i < 20000; i++) {
            try {
                sum += all[i % 100 == 99 ? 1 : 0].field;
            } catch (NullReferenceException) {
                caught++;
            }
        }
        Check(caught == 200 && sum == 19800, "null checks");
        try {
            Check(1 / zero == 0, "a division by zero");
        } catch (DivideByZeroException) {
            Check((string)crypto.Call("encrypt", "Hello") == "2a24600860", "after exceptions");
        }

        // The collector stops threads that are in Python.
        bool done = false;
        var threads = new List<Thread>();
        var running = new CountdownEvent(4);
        for (int i = 0; i < 4; i++) {
            var worker = new Thread(() => {
                bool first = true;
                while (!Volatile.Read(ref done)) {
                    Check((string)crypto.Call("encrypt", "Hello") == "2a24600860", "while collecting");
                    if (first) {
                        running.Signal();
                        first = false;
                    }
                }
            });
            worker.Start();
            threads.Add(worker);
        }
        running.Wait();
        for (int i = 0; i < 20; i++) {
            GC.Collect();
        }
        Volatile.Write(ref done, true);
        threads.ForEach(worker => worker.Join());

        // A thread of Python's calls C#.
        var given = new List<object>();
        var remember = Nexus.Callable("remember", values => {
            given.Add(values[0]);
            GC.Collect(); // the callback itself is in use
            return "größe";
        });
        var lists = (PythonObject)Nexus.Import("json").Call("loads", "[[\"größe\"]]");
        var thread = (PythonObject)Nexus.Import("threading").Call("Thread", null, remember, null, lists.Call("pop"));
        thread.Call("start");
        thread.Call("join");
        Check(given.Count == 1 && (string)given[0] == "größe", "a thread of Python's");
        remember.Dispose();

        // What a function gets and gives, in both directions and nested.
        var calls = Nexus.Import("operator");
        var words = (PythonObject)Nexus.Import("json").Call("loads", "[\"grö\", \"ße\"]");
        var join = Nexus.Callable("join", two => (string)two[0] + two[1]);
        Check((string)Nexus.Import("functools").Call("reduce", join, words) == "größe", "text of a function");
        var same = Nexus.Callable("same", one => one[0]);
        Check(calls.Call("call", same, words).ToString() == "['grö', 'ße']", "an object of a function");
        Check(calls.Call("call", same, null) == null, "None of a function");
        PythonObject nested = null;
        nested = Nexus.Callable("nested", one => (long)one[0] == 0 ? "end" : calls.Call("call", nested, (long)one[0] - 1));
        Check((string)calls.Call("call", nested, 20) == "end", "nested functions");

        // From several threads at once, each function with its own errors.
        var callers = new List<Thread>();
        for (int i = 0; i < 4; i++) {
            string mine = "thread " + i;
            var caller = new Thread(() => {
                var raise = Nexus.Callable("raise", none => { throw new InvalidOperationException(mine); });
                var functools = Nexus.Import("functools");
                for (int j = 0; j < 500; j++) {
                    Check((string)functools.Call("reduce", join, words) == "größe", "a function in " + mine);
                    try {
                        functools.Call("reduce", raise, words);
                        Check(false, "no exception in " + mine);
                    } catch (NexusException exception) {
                        Check(exception.Message == "builtins.RuntimeError: " + mine, exception.Message);
                    }
                }
            });
            caller.Start();
            callers.Add(caller);
        }
        callers.ForEach(caller => caller.Join());

        // C# forgets functions that Python has forgotten. Some may be found on a stack by chance.
        var captured = new List<WeakReference>();
        var maker = new Thread(() => {
            for (int i = 0; i < 100; i++) {
                var mark = new object();
                captured.Add(new WeakReference(mark));
                using (var callable = Nexus.Callable("forgotten", none => mark.GetHashCode())) {
                    Check((long)calls.Call("call", callable) == mark.GetHashCode(), "a hash code");
                }
            }
        });
        maker.Start();
        maker.Join();
        GC.Collect();
        Check(captured.FindAll(each => each.IsAlive).Count < 50, "functions are kept");

        // Values come back as they were.
        var copy = Nexus.Import("copy");
        foreach (object value in new object[] {null, true, -1L, long.MinValue, 0.5, "größe\0🐍", ""}) {
            Check(Equals(copy.Call("copy", value), value), "value " + value);
        }

        // What is forgotten is freed by the collector's thread.
        for (int i = 0; i < 20000; i++) {
            Nexus.Import("json");
        }
        GC.Collect();
        GC.WaitForPendingFinalizers();
        Console.WriteLine("still Mono");
        return 0;
    }

    static void Check(bool holds, string what)
    {
        if (!holds) {
            Console.Error.WriteLine("not so: " + what);
            Environment.Exit(1);
        }
    }
}
