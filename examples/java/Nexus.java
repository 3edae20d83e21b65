import com.sun.jna.Callback;
import com.sun.jna.IntegerType;
import com.sun.jna.Library;
import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import com.sun.jna.StringArray;
import com.sun.jna.Structure;
import com.sun.jna.ptr.PointerByReference;
import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * nexus_loader for Java: a thin layer over the C functions, with JNA. Copy it into your program.
 *
 * <pre>
 * try (Nexus.Loader loader = Nexus.open("plugins"); Nexus.PythonObject crypto = loader.get("crypto")) {
 *     System.out.println(crypto.call("encrypt", "Hello"));
 * }
 * </pre>
 *
 * What fails throws a {@link Failure}, with status, exception and traceback. Any thread may call anything.
 */
public final class Nexus {
    /** The part of nexus_loader.h that is used here. A NexusStatus is an int. */
    public interface C extends Library {
        C INSTANCE = Native.load("libnexus_loader.so.1", C.class, Map.of(OPTION_STRING_ENCODING, "UTF-8"));

        int nexus_python_start(Pointer config, PointerByReference error);
        int nexus_python_info(PythonInfo info, PointerByReference error);
        String nexus_status_string(int status);
        int nexus_loader_open(String path, LoaderOptions options, PointerByReference loader, PointerByReference error);
        int nexus_loader_get(Pointer loader, String name, PointerByReference module, PointerByReference error);
        int nexus_loader_report(Pointer loader, PointerByReference report, PointerByReference error);
        void nexus_loader_free(Pointer loader);
        SizeT nexus_report_count(Pointer report);
        int nexus_report_at(Pointer report, SizeT index, ReportEntry entry);
        void nexus_report_free(Pointer report);
        int nexus_import(String name, PointerByReference module, PointerByReference error);
        int nexus_object_call_method(Pointer object, String name, Pointer args, SizeT count, Pointer result,
                                     PointerByReference error);
        int nexus_object_new(Pointer value, PointerByReference object, PointerByReference error);
        int nexus_object_clone(Pointer object, PointerByReference copy, PointerByReference error);
        int nexus_object_str(Pointer object, Pointer text, PointerByReference error);
        void nexus_object_free(Pointer object);
        void nexus_value_clear(Pointer value);
        int nexus_function_new(String name, String documentation, int flags, HostFunction function, Pointer userData,
                               Destructor destroy, PointerByReference callable, PointerByReference error);
        int nexus_memory_new(MemoryLayout layout, Pointer release, Pointer userData, PointerByReference memory,
                             PointerByReference error);
        int nexus_memory_view(Pointer memory, PointerByReference view, PointerByReference error);
        int nexus_memory_revoke(Pointer memory, PointerByReference error);
        void nexus_memory_free(Pointer memory);
        String nexus_error_message(Pointer error);
        String nexus_error_exception(Pointer error);
        String nexus_error_traceback(Pointer error);
        void nexus_error_free(Pointer error);
        int nexus_error_raise(String type, String message, Pointer error);
    }

    /** A size_t. */
    public static final class SizeT extends IntegerType {
        private static final long serialVersionUID = 1;

        public SizeT() {
            this(0);
        }

        public SizeT(long value) {
            super(Native.SIZE_T_SIZE, value, true);
        }
    }

    public interface HostFunction extends Callback {
        int invoke(Pointer arguments, Pointer result, Pointer error, Pointer userData);
    }

    public interface Destructor extends Callback {
        void invoke(Pointer userData);
    }

    @Structure.FieldOrder({"struct_size", "version", "owned", "version_text", "library", "executable", "prefix", "reason"})
    public static final class PythonInfo extends Structure {
        public SizeT struct_size;
        public int version;
        public byte owned;
        public String version_text, library, executable, prefix, reason;

        public PythonInfo() {
            struct_size = new SizeT(size());
        }
    }

    @Structure.FieldOrder({"struct_size", "flags", "modules", "module_count", "filter", "progress", "user_data",
        "trial_milliseconds", "allow_list"})
    public static final class LoaderOptions extends Structure {
        public SizeT struct_size;
        public int flags;
        public Pointer modules;
        public SizeT module_count = new SizeT(0);
        public Pointer filter, progress, user_data;
        public int trial_milliseconds;
        public Pointer allow_list;

        public LoaderOptions() {
            struct_size = new SizeT(size());
        }
    }

    @Structure.FieldOrder({"name", "path", "state", "status", "detail", "message", "nanoseconds"})
    public static final class ReportEntry extends Structure {
        public Pointer name, path;
        public int state, status, detail;
        public Pointer message;
        public long nanoseconds;
    }

    @Structure.FieldOrder({"struct_size", "flags", "data", "size", "item_size", "format", "ndim", "shape", "strides"})
    public static final class MemoryLayout extends Structure {
        public SizeT struct_size;
        public int flags;
        public Pointer data;
        public SizeT size, item_size;
        public Pointer format;
        public SizeT ndim = new SizeT(0);
        public Pointer shape, strides;

        public MemoryLayout() {
            struct_size = new SizeT(size());
        }
    }

    private static final C LIBRARY = C.INSTANCE;
    private static final Cleaner FORGOTTEN = Cleaner.create();

    private Nexus() {}

    /** What Python raised, or what else went wrong. */
    public static final class Failure extends RuntimeException {
        private static final long serialVersionUID = 1;
        public final int status;
        public final String exception, traceback;

        private Failure(int status, Pointer error) {
            super((LIBRARY.nexus_error_exception(error) + ": " + LIBRARY.nexus_error_message(error)).replaceFirst("^: ", ""));
            this.status = status;
            exception = LIBRARY.nexus_error_exception(error);
            traceback = LIBRARY.nexus_error_traceback(error);
            LIBRARY.nexus_error_free(error);
        }
    }

    private static void check(int status, PointerByReference error) {
        if (status != 0) {
            throw new Failure(status, error.getValue());
        }
    }

    /** A C function that makes a handle. */
    private interface Maker {
        int make(PointerByReference made, PointerByReference error);
    }

    private static Pointer make(Maker maker) {
        PointerByReference made = new PointerByReference(), error = new PointerByReference();
        check(maker.make(made, error), error);
        return made.getValue();
    }

    // ---- Values: a NexusValue is 32 bytes, kind at 0, the payload at 8 (a text's size at 16), owner at 24 ----

    private static final int VALUE_SIZE = 32, PAYLOAD = 8, TEXT_SIZE = 16;
    private static final int NONE = 0, BOOLEAN = 1, INTEGER = 2, REAL = 3, TEXT = 4, BYTES = 5, OBJECT = 6;

    /** An array of values, with what their texts point to. */
    private static final class Values {
        final Memory memory;
        private final List<Memory> texts = new ArrayList<>();

        Values(Object... javas) {
            memory = new Memory((long) VALUE_SIZE * Math.max(javas.length, 1));
            memory.clear();
            for (int i = 0; i < javas.length; i++) {
                set(memory.share((long) i * VALUE_SIZE), javas[i]);
            }
        }

        private void set(Pointer value, Object java) {
            if (java == null) {
                value.setInt(0, NONE);
            } else if (java instanceof Boolean) {
                value.setInt(0, BOOLEAN);
                value.setByte(PAYLOAD, (byte) ((Boolean) java ? 1 : 0));
            } else if (java instanceof Long || java instanceof Integer) {
                value.setInt(0, INTEGER);
                value.setLong(PAYLOAD, ((Number) java).longValue());
            } else if (java instanceof Double) {
                value.setInt(0, REAL);
                value.setDouble(PAYLOAD, (Double) java);
            } else if (java instanceof String) {
                setBytes(value, TEXT, ((String) java).getBytes(StandardCharsets.UTF_8));
            } else if (java instanceof byte[]) {
                setBytes(value, BYTES, (byte[]) java);
            } else if (java instanceof PythonObject) {
                value.setInt(0, OBJECT);
                value.setPointer(PAYLOAD, ((PythonObject) java).handle);
            } else {
                throw new IllegalArgumentException("Python has no value for a " + java.getClass());
            }
        }

        private void setBytes(Pointer value, int kind, byte[] bytes) {
            Memory text = new Memory(Math.max(bytes.length, 1));
            text.write(0, bytes, 0, bytes.length);
            texts.add(text);
            value.setInt(0, kind);
            value.setPointer(PAYLOAD, text);
            value.setLong(TEXT_SIZE, bytes.length);
        }
    }

    /** None, a Boolean, Long, Double, String, byte[], or a PythonObject, which owns the value's handle. */
    private static Object get(Pointer value) {
        int kind = value.getInt(0);
        switch (kind) {
        case BOOLEAN:
            return value.getByte(PAYLOAD) != 0;
        case INTEGER:
            return value.getLong(PAYLOAD);
        case REAL:
            return value.getDouble(PAYLOAD);
        case OBJECT:
            return new PythonObject(value.getPointer(PAYLOAD));
        case TEXT:
        case BYTES:
            int size = Math.toIntExact(value.getLong(TEXT_SIZE));
            byte[] bytes = size == 0 ? new byte[0] : value.getPointer(PAYLOAD).getByteArray(0, size);
            return kind == BYTES ? bytes : new String(bytes, StandardCharsets.UTF_8);
        default:
            return null;
        }
    }

    /** The same for a value that is ours to clear. */
    private static Object take(Pointer value) {
        Object java = get(value);
        if (value.getInt(0) != OBJECT) {
            LIBRARY.nexus_value_clear(value);
        }
        return java;
    }

    // ---- Handles ----

    private interface Free {
        void free(Pointer handle);
    }

    /** Is freed by close(), or when Java has forgotten it. */
    private abstract static class Handle implements AutoCloseable {
        final Pointer handle;
        private final Cleaner.Cleanable cleanable;

        Handle(Pointer handle, Free free) {
            this.handle = handle;
            cleanable = FORGOTTEN.register(this, () -> free.free(handle));
        }

        @Override
        public void close() {
            cleanable.clean();
        }
    }

    public static final class PythonObject extends Handle {
        private PythonObject(Pointer handle) {
            super(handle, LIBRARY::nexus_object_free);
        }

        /** Calls a method, or a function of a module. */
        public Object call(String name, Object... arguments) {
            Values values = new Values(arguments);
            Memory result = new Memory(VALUE_SIZE);
            PointerByReference error = new PointerByReference();
            check(LIBRARY.nexus_object_call_method(handle, name, values.memory, new SizeT(arguments.length), result,
                                                   error), error);
            Object java = take(result);
            // Neither this object nor the arguments may be freed before: the JVM sees no use of them in C.
            Reference.reachabilityFence(this);
            Reference.reachabilityFence(arguments);
            Reference.reachabilityFence(values);
            return java;
        }

        @Override
        public String toString() {
            Memory text = new Memory(VALUE_SIZE);
            PointerByReference error = new PointerByReference();
            check(LIBRARY.nexus_object_str(handle, text, error), error);
            return (String) take(text);
        }
    }

    public static final class Loader extends Handle {
        private Loader(Pointer handle) {
            super(handle, LIBRARY::nexus_loader_free);
        }

        public PythonObject get(String name) {
            return new PythonObject(make((made, error) -> LIBRARY.nexus_loader_get(handle, name, made, error)));
        }

        /** "name: state: message" for each file and each requested name. */
        public List<String> report() {
            final String[] states = {"loaded", "lazy", "failed", "skipped", "missing"};
            PointerByReference report = new PointerByReference(), error = new PointerByReference();
            check(LIBRARY.nexus_loader_report(handle, report, error), error);
            List<String> lines = new ArrayList<>();
            ReportEntry entry = new ReportEntry();
            long count = LIBRARY.nexus_report_count(report.getValue()).longValue();
            for (long i = 0; i < count; i++) {
                LIBRARY.nexus_report_at(report.getValue(), new SizeT(i), entry);
                String state = entry.state < states.length ? states[entry.state] : "state " + entry.state;
                String message = entry.message.getString(0, "UTF-8");
                lines.add(entry.name.getString(0, "UTF-8") + ": " + state + (message.isEmpty() ? "" : ": " + message));
            }
            LIBRARY.nexus_report_free(report.getValue());
            return lines;
        }
    }

    /** Doubles that Java and Python both see, without a copy. */
    public static final class Doubles implements AutoCloseable {
        private final Memory memory;
        private final Pointer handle;

        public Doubles(int length) {
            memory = new Memory(8L * length);
            Memory format = new Memory(2);
            format.setString(0, "d");
            MemoryLayout layout = new MemoryLayout();
            layout.data = memory;
            layout.size = new SizeT(8L * length);
            layout.item_size = new SizeT(8);
            layout.format = format;
            handle = make((made, error) -> LIBRARY.nexus_memory_new(layout, null, null, made, error));
        }

        public double get(int index) {
            return memory.getDouble(8L * index);
        }

        public void set(int index, double number) {
            memory.setDouble(8L * index, number);
        }

        /** A memoryview of it. */
        public PythonObject view() {
            return new PythonObject(make((made, error) -> LIBRARY.nexus_memory_view(handle, made, error)));
        }

        /** Takes it back from Python; a Failure while Python has views. */
        @Override
        public void close() {
            PointerByReference error = new PointerByReference();
            check(LIBRARY.nexus_memory_revoke(handle, error), error);
            LIBRARY.nexus_memory_free(handle);
        }
    }

    // ---- Functions ----

    /** Opens a directory. Without names or patterns: all of it. */
    public static Loader open(String directory, boolean recursive, String... modules) {
        LoaderOptions options = new LoaderOptions();
        options.flags = recursive ? 2 : 0; // NEXUS_LOADER_RECURSIVE
        StringArray names = modules.length == 0 ? null : new StringArray(modules, "UTF-8");
        options.modules = names;
        options.module_count = new SizeT(modules.length);
        return new Loader(make((made, error) -> LIBRARY.nexus_loader_open(directory, options, made, error)));
    }

    public static PythonObject importModule(String name) {
        return new PythonObject(make((made, error) -> LIBRARY.nexus_import(name, made, error)));
    }

    public static String pythonVersion() {
        PointerByReference error = new PointerByReference();
        PythonInfo info = new PythonInfo();
        check(LIBRARY.nexus_python_start(null, error), error);
        check(LIBRARY.nexus_python_info(info, error), error);
        return info.version_text;
    }

    public static String statusString(int status) {
        return LIBRARY.nexus_status_string(status);
    }

    /** A function of Java's, which Python may call from any thread. */
    public interface Function {
        Object call(Object... arguments) throws Exception;
    }

    // JNA frees a callback that Java has forgotten: here they stay until Python has forgotten them.
    private static final Map<Long, HostFunction> CALLBACKS = new ConcurrentHashMap<>();
    private static final AtomicLong NEXT = new AtomicLong();
    private static final Destructor DESTROY = userData -> CALLBACKS.remove(Pointer.nativeValue(userData));

    /** A Python callable of a function. */
    public static PythonObject callable(String name, Function function) {
        HostFunction callback = (arguments, result, error, userData) -> {
            try {
                // NexusArguments: struct_size, values, count, …
                Pointer values = arguments.getPointer(8);
                Object[] given = new Object[Math.toIntExact(arguments.getLong(16))];
                for (int i = 0; i < given.length; i++) {
                    given[i] = lent(values.share((long) i * VALUE_SIZE));
                }
                Object java = function.call(given);
                Values value = new Values(java);
                if (value.memory.getInt(0) >= TEXT) { // handed over as an object, which needs no memory of ours
                    Pointer object = make((made, failed) -> LIBRARY.nexus_object_new(value.memory, made, failed));
                    value.memory.setInt(0, OBJECT);
                    value.memory.setPointer(PAYLOAD, object);
                }
                result.write(0, value.memory.getByteArray(0, 24), 0, 24);
                Reference.reachabilityFence(java);
                return 0;
            } catch (Throwable thrown) { // none may leave through C
                return LIBRARY.nexus_error_raise("builtins.RuntimeError", String.valueOf(thrown.getMessage()), error);
            }
        };
        long id = NEXT.incrementAndGet();
        CALLBACKS.put(id, callback);
        return new PythonObject(make((made, error) -> LIBRARY.nexus_function_new(
            name, null, 0, callback, new Pointer(id), DESTROY, made, error)));
    }

    /** An argument: objects are lent for the call, so that it makes a handle of its own. */
    private static Object lent(Pointer value) {
        if (value.getInt(0) != OBJECT) {
            return get(value);
        }
        return new PythonObject(make((made, error) -> LIBRARY.nexus_object_clone(value.getPointer(PAYLOAD), made, error)));
    }
}
