import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.Collections;

/** Opens a directory of modules and uses them, numpy among them. Arguments: directory, site-packages. */
public final class Complete {
    public static void main(String[] arguments) throws Exception {
        System.out.println("Python " + Nexus.pythonVersion().split(" ")[0]);

        // Every file of the directory, and what became of it.
        Nexus.Loader loader = Nexus.open(arguments[0], false);
        loader.report().forEach(System.out::println);

        try (Nexus.PythonObject crypto = loader.get("crypto"); Nexus.PythonObject json = Nexus.importModule("json");
             Nexus.PythonObject functools = Nexus.importModule("functools")) {
            // A call.
            Object text = crypto.call("encrypt", "Hello");
            System.out.println("encrypt: " + text + ", decrypt: " + crypto.call("decrypt", text));

            // An exception.
            try {
                json.call("loads", "{");
            } catch (Nexus.Failure failure) {
                System.out.println(failure.getMessage());
                System.out.print(failure.traceback.replaceAll("(?m)^(?=.)", "  | "));
            }

            // Python calls functions of this program, and gets their errors.
            Nexus.PythonObject numbers = (Nexus.PythonObject) json.call("loads", "[1, 2, 3, 4, 5]");
            try (Nexus.PythonObject add = Nexus.callable("add", given -> (long) given[0] + (long) given[1])) {
                System.out.println("reduce: " + functools.call("reduce", add, numbers));
            }
            try (Nexus.PythonObject refuse = Nexus.callable("refuse", given -> {
                throw new IllegalStateException("not today");
            })) {
                functools.call("reduce", refuse, numbers);
            } catch (Nexus.Failure failure) {
                System.out.println(failure.getMessage());
            }

            useNumpy(arguments[1], numbers);
            numbers.close();

            // In threads.
            ExecutorService threads = Executors.newFixedThreadPool(4);
            Callable<Integer> worker = () -> {
                int equal = 0;
                for (int i = 0; i < 1000; i++) {
                    equal += crypto.call("encrypt", "Hello").equals(text) ? 1 : 0;
                }
                return equal;
            };
            int calls = 0;
            for (Future<Integer> each : threads.invokeAll(Collections.nCopies(4, worker))) {
                calls += each.get();
            }
            threads.shutdown();
            System.out.println("calls: " + calls);
        }

        // Handles go when Java forgets them; close() does it at once. A freed one is an error, no crash.
        loader.close();
        try {
            loader.get("crypto");
        } catch (Nexus.Failure failure) {
            System.out.println("freed: " + Nexus.statusString(failure.status));
        }
    }

    /** A real package: numpy works on memory of this program, without a copy. */
    private static void useNumpy(String sitePackages, Nexus.PythonObject numbers) {
        Nexus.Loader packages = Nexus.open(sitePackages, true, "numpy.*", "orjson.*");
        byte[] text = (byte[]) packages.get("orjson").call("dumps", numbers);
        System.out.println("orjson: " + new String(text));
        Nexus.PythonObject numpy = Nexus.importModule("numpy");
        try (Nexus.Doubles doubles = new Nexus.Doubles(1000)) {
            for (int i = 0; i < 1000; i++) {
                doubles.set(i, i + 1);
            }
            try (Nexus.PythonObject view = doubles.view();
                 Nexus.PythonObject array = (Nexus.PythonObject) numpy.call("asarray", view)) {
                ((Nexus.PythonObject) numpy.call("multiply", array, 2, array)).close(); // the array once more
                System.out.printf("doubled: %.0f to %.0f%n", doubles.get(0), doubles.get(999));
            }
        }
        packages.close();
    }
}
