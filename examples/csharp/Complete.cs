// Opens a directory of modules and uses them, numpy among them. Arguments: directory, site-packages.

using System;
using System.Linq;
using System.Text;
using System.Text.RegularExpressions;
using System.Threading.Tasks;

static class Complete
{
    static void Main(string[] arguments)
    {
        Console.WriteLine("Python " + Nexus.PythonVersion().Split(' ')[0]);

        // Every file of the directory, and what became of it.
        var loader = Nexus.Open(arguments[0]);
        loader.Report().ForEach(Console.WriteLine);

        using (var crypto = loader.Get("crypto"))
        using (var json = Nexus.Import("json"))
        using (var functools = Nexus.Import("functools")) {
            // A call.
            var text = (string)crypto.Call("encrypt", "Hello");
            Console.WriteLine("encrypt: {0}, decrypt: {1}", text, crypto.Call("decrypt", text));

            // An exception.
            try {
                json.Call("loads", "{");
            } catch (NexusException exception) {
                Console.WriteLine(exception.Message);
                Console.Write(Regex.Replace(exception.Traceback, "(?m)^(?=.)", "  | "));
            }

            // Python calls functions of this program, and gets their errors.
            using (var numbers = (PythonObject)json.Call("loads", "[1, 2, 3, 4, 5]")) {
                using (var add = Nexus.Callable("add", given => (long)given[0] + (long)given[1])) {
                    Console.WriteLine("reduce: " + functools.Call("reduce", add, numbers));
                }
                using (var refuse = Nexus.Callable("refuse", given => throw new InvalidOperationException("not today"))) {
                    try {
                        functools.Call("reduce", refuse, numbers);
                    } catch (NexusException exception) {
                        Console.WriteLine(exception.Message);
                    }
                }
                UseNumpy(arguments[1], numbers);
            }

            // In threads.
            var tasks = Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
                Enumerable.Range(0, 1000).Count(i => (string)crypto.Call("encrypt", "Hello") == text))).ToArray();
            Console.WriteLine("calls: " + tasks.Sum(task => task.Result));
        }

        // Handles go when C# forgets them; Dispose does it at once. A freed one is an error, no crash.
        loader.Dispose();
        try {
            loader.Get("crypto");
        } catch (NexusException exception) {
            Console.WriteLine("freed: " + Nexus.StatusString(exception.Status));
        }
    }

    /// <summary>A real package: numpy works on an array of this program, without a copy.</summary>
    static void UseNumpy(string sitePackages, PythonObject numbers)
    {
        using (var packages = Nexus.Open(sitePackages, true, "numpy.*", "orjson.*"))
        using (var orjson = packages.Get("orjson"))
        using (var numpy = Nexus.Import("numpy"))
        using (var shared = new SharedDoubles(1000)) {
            Console.WriteLine("orjson: " + Encoding.UTF8.GetString((byte[])orjson.Call("dumps", numbers)));
            for (int i = 0; i < 1000; i++) {
                shared.Array[i] = i + 1;
            }
            using (var view = shared.View())
            using (var array = (PythonObject)numpy.Call("asarray", view))
            using ((PythonObject)numpy.Call("multiply", array, 2, array)) { // the result: the array once more
                Console.WriteLine("doubled: {0} to {1}", shared.Array[0], shared.Array[999]);
            }
        }
    }
}
