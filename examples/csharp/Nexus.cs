// nexus_loader for C#: a thin layer over the C functions. Copy it into your program.
//
//   using (var loader = Nexus.Open("plugins"))
//   using (var crypto = loader.Get("crypto"))
//       Console.WriteLine(crypto.Call("encrypt", "Hello"));
//
// What fails throws a NexusException, with Status, PythonType and Traceback. Any thread may call anything.

using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using System.Text;

/// <summary>What Python raised, or what else went wrong.</summary>
public sealed class NexusException : Exception
{
    public readonly uint Status;
    public readonly string PythonType, Traceback;

    NexusException(uint status, string type, string message, string traceback)
        : base(type.Length == 0 ? message : type + ": " + message)
    {
        Status = status;
        PythonType = type;
        Traceback = traceback;
    }

    internal static void Check(uint status, IntPtr error)
    {
        if (status == 0) {
            return;
        }
        var exception = new NexusException(status, Native.Text(Native.nexus_error_exception(error)),
            Native.Text(Native.nexus_error_message(error)), Native.Text(Native.nexus_error_traceback(error)));
        Native.nexus_error_free(error);
        throw exception;
    }
}

/// <summary>The part of nexus_loader.h that is used here. A NexusStatus is a uint, a size_t a UIntPtr.</summary>
static class Native
{
    const string Library = "libnexus_loader.so.1";

    [StructLayout(LayoutKind.Explicit, Size = 32)]
    internal struct Value
    {
        [FieldOffset(0)] public Kind Kind;
        [FieldOffset(8)] public byte Boolean;
        [FieldOffset(8)] public long Integer;
        [FieldOffset(8)] public double Real;
        [FieldOffset(8)] public IntPtr Data;
        [FieldOffset(8)] public IntPtr Object;
        [FieldOffset(16)] public UIntPtr Size;
        [FieldOffset(24)] public IntPtr Owner;
    }

    internal enum Kind : uint { None, Boolean, Integer, Real, Text, Bytes, Object }

    [StructLayout(LayoutKind.Sequential)]
    internal struct PythonInfo
    {
        public UIntPtr StructSize;
        public uint Version;
        public byte Owned;
        public IntPtr VersionText, Library, Executable, Prefix, Reason;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct LoaderOptions
    {
        public UIntPtr StructSize;
        public uint Flags;
        public IntPtr Modules;
        public UIntPtr ModuleCount;
        public IntPtr Filter, Progress, UserData;
        public uint TrialMilliseconds;
        public IntPtr AllowList;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct ReportEntry
    {
        public IntPtr Name, Path;
        public uint State, Status, Detail;
        public IntPtr Message;
        public ulong Nanoseconds;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct MemoryLayout
    {
        public UIntPtr StructSize;
        public uint Flags;
        public IntPtr Data;
        public UIntPtr Size, ItemSize;
        public IntPtr Format;
        public UIntPtr Dimensions;
        public IntPtr Shape, Strides;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct Arguments
    {
        public UIntPtr StructSize;
        public IntPtr Values;
        public UIntPtr Count;
        public IntPtr Keywords;
        public UIntPtr KeywordCount;
    }

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    internal delegate uint HostFunction(IntPtr arguments, IntPtr result, IntPtr error, IntPtr userData);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    internal delegate void Destructor(IntPtr userData);

    [DllImport(Library)] internal static extern uint nexus_python_start(IntPtr config, out IntPtr error);
    [DllImport(Library)] internal static extern uint nexus_python_info(ref PythonInfo info, out IntPtr error);
    [DllImport(Library)] internal static extern IntPtr nexus_status_string(uint status);
    [DllImport(Library)] internal static extern uint nexus_loader_open(byte[] path, ref LoaderOptions options, out IntPtr loader, out IntPtr error);
    [DllImport(Library)] internal static extern uint nexus_loader_get(IntPtr loader, byte[] name, out IntPtr module, out IntPtr error);
    [DllImport(Library)] internal static extern uint nexus_loader_report(IntPtr loader, out IntPtr report, out IntPtr error);
    [DllImport(Library)] internal static extern void nexus_loader_free(IntPtr loader);
    [DllImport(Library)] internal static extern UIntPtr nexus_report_count(IntPtr report);
    [DllImport(Library)] internal static extern uint nexus_report_at(IntPtr report, UIntPtr index, out ReportEntry entry);
    [DllImport(Library)] internal static extern void nexus_report_free(IntPtr report);
    [DllImport(Library)] internal static extern uint nexus_import(byte[] name, out IntPtr module, out IntPtr error);
    [DllImport(Library)] internal static extern uint nexus_object_call_method(IntPtr target, byte[] name, [In] Value[] arguments, UIntPtr count, out Value result, out IntPtr error);
    [DllImport(Library)] internal static extern uint nexus_object_new(ref Value value, out IntPtr made, out IntPtr error);
    [DllImport(Library)] internal static extern uint nexus_object_clone(IntPtr handle, out IntPtr copy, out IntPtr error);
    [DllImport(Library)] internal static extern uint nexus_object_str(IntPtr handle, out Value text, out IntPtr error);
    [DllImport(Library)] internal static extern void nexus_object_free(IntPtr handle);
    [DllImport(Library)] internal static extern void nexus_value_clear(ref Value value);
    [DllImport(Library)] internal static extern uint nexus_function_new(byte[] name, byte[] documentation, uint flags, HostFunction function, IntPtr userData, Destructor destroy, out IntPtr callable, out IntPtr error);
    [DllImport(Library)] internal static extern uint nexus_memory_new(ref MemoryLayout layout, IntPtr release, IntPtr userData, out IntPtr memory, out IntPtr error);
    [DllImport(Library)] internal static extern uint nexus_memory_view(IntPtr memory, out IntPtr view, out IntPtr error);
    [DllImport(Library)] internal static extern uint nexus_memory_revoke(IntPtr memory, out IntPtr error);
    [DllImport(Library)] internal static extern void nexus_memory_free(IntPtr memory);
    [DllImport(Library)] internal static extern IntPtr nexus_error_message(IntPtr error);
    [DllImport(Library)] internal static extern IntPtr nexus_error_exception(IntPtr error);
    [DllImport(Library)] internal static extern IntPtr nexus_error_traceback(IntPtr error);
    [DllImport(Library)] internal static extern void nexus_error_free(IntPtr error);
    [DllImport(Library)] internal static extern uint nexus_error_raise(byte[] type, byte[] message, IntPtr error);

    /// <summary>A string of ours as C has it: UTF-8 and a NUL.</summary>
    internal static byte[] C(string text)
    {
        return Encoding.UTF8.GetBytes(text + "\0");
    }

    /// <summary>A string of the library's. It stays the library's: a return type `string` would free it.</summary>
    internal static string Text(IntPtr text)
    {
        int size = 0;
        while (Marshal.ReadByte(text, size) != 0) {
            size++;
        }
        return Encoding.UTF8.GetString(Bytes(text, size));
    }

    internal static byte[] Bytes(IntPtr data, int size)
    {
        var bytes = new byte[size];
        if (size > 0) {
            Marshal.Copy(data, bytes, 0, size);
        }
        return bytes;
    }
}

/// <summary>Arguments, with the memory that their texts are in.</summary>
sealed class Values : IDisposable
{
    internal readonly Native.Value[] Array;
    readonly List<GCHandle> pinned = new List<GCHandle>();

    internal Values(params object[] given)
    {
        Array = new Native.Value[given.Length];
        for (int i = 0; i < given.Length; i++) {
            Array[i] = Of(given[i]);
        }
    }

    Native.Value Of(object given)
    {
        var value = new Native.Value();
        if (given == null) {
            return value;
        }
        if (given is bool) {
            value.Kind = Native.Kind.Boolean;
            value.Boolean = (byte)((bool)given ? 1 : 0);
        } else if (given is int || given is long) {
            value.Kind = Native.Kind.Integer;
            value.Integer = Convert.ToInt64(given);
        } else if (given is double) {
            value.Kind = Native.Kind.Real;
            value.Real = (double)given;
        } else if (given is string) {
            return Pinned(Native.Kind.Text, Encoding.UTF8.GetBytes((string)given));
        } else if (given is byte[]) {
            return Pinned(Native.Kind.Bytes, (byte[])given);
        } else if (given is PythonObject) {
            value.Kind = Native.Kind.Object;
            value.Object = ((PythonObject)given).Handle;
        } else {
            throw new ArgumentException("Python has no value for a " + given.GetType());
        }
        return value;
    }

    Native.Value Pinned(Native.Kind kind, byte[] bytes)
    {
        var pin = GCHandle.Alloc(bytes, GCHandleType.Pinned);
        pinned.Add(pin);
        return new Native.Value {
            Kind = kind, Data = pin.AddrOfPinnedObject(), Size = (UIntPtr)(uint)bytes.Length,
        };
    }

    public void Dispose()
    {
        foreach (var pin in pinned) {
            pin.Free();
        }
        pinned.Clear();
    }

    /// <summary>null, bool, long, double, string, byte[], or a PythonObject, which owns the value's handle.</summary>
    internal static object Get(Native.Value value)
    {
        switch (value.Kind) {
        case Native.Kind.Boolean: return value.Boolean != 0;
        case Native.Kind.Integer: return value.Integer;
        case Native.Kind.Real: return value.Real;
        case Native.Kind.Text: return Encoding.UTF8.GetString(Native.Bytes(value.Data, checked((int)value.Size)));
        case Native.Kind.Bytes: return Native.Bytes(value.Data, checked((int)value.Size));
        case Native.Kind.Object: return new PythonObject(value.Object);
        default: return null;
        }
    }

    /// <summary>The same for a value that is ours to clear.</summary>
    internal static object Take(Native.Value value)
    {
        object got = Get(value);
        if (value.Kind != Native.Kind.Object) {
            Native.nexus_value_clear(ref value);
        }
        return got;
    }
}

/// <summary>A module, or any other object of Python's. Freed by Dispose, or when C# has forgotten it.</summary>
public sealed class PythonObject : IDisposable
{
    internal readonly IntPtr Handle;

    internal PythonObject(IntPtr handle)
    {
        Handle = handle;
    }

    /// <summary>Calls a method, or a function of a module.</summary>
    public object Call(string name, params object[] arguments)
    {
        using (var values = new Values(arguments)) {
            Native.Value result;
            IntPtr error;
            uint status = Native.nexus_object_call_method(Handle, Native.C(name), values.Array,
                (UIntPtr)(uint)arguments.Length, out result, out error);
            // Neither this object nor the arguments may be freed before: the runtime sees no use of them in C.
            GC.KeepAlive(this);
            GC.KeepAlive(arguments);
            NexusException.Check(status, error);
            return Values.Take(result);
        }
    }

    public override string ToString()
    {
        Native.Value text;
        IntPtr error;
        NexusException.Check(Native.nexus_object_str(Handle, out text, out error), error);
        return (string)Values.Take(text);
    }

    public void Dispose()
    {
        Native.nexus_object_free(Handle); // does nothing for one that is freed already
        GC.SuppressFinalize(this);
    }

    ~PythonObject()
    {
        Native.nexus_object_free(Handle);
    }
}

public sealed class Loader : IDisposable
{
    readonly IntPtr handle;

    internal Loader(IntPtr handle)
    {
        this.handle = handle;
    }

    public PythonObject Get(string name)
    {
        IntPtr module, error;
        NexusException.Check(Native.nexus_loader_get(handle, Native.C(name), out module, out error), error);
        GC.KeepAlive(this);
        return new PythonObject(module);
    }

    /// <summary>"name: state: message" for each file and each requested name.</summary>
    public List<string> Report()
    {
        string[] states = {"loaded", "lazy", "failed", "skipped", "missing"};
        IntPtr report, error;
        NexusException.Check(Native.nexus_loader_report(handle, out report, out error), error);
        GC.KeepAlive(this);
        var lines = new List<string>();
        for (uint i = 0; i < (uint)Native.nexus_report_count(report); i++) {
            Native.ReportEntry entry;
            Native.nexus_report_at(report, (UIntPtr)i, out entry);
            string state = entry.State < states.Length ? states[entry.State] : "state " + entry.State;
            string message = Native.Text(entry.Message);
            lines.Add(Native.Text(entry.Name) + ": " + state + (message.Length == 0 ? "" : ": " + message));
        }
        Native.nexus_report_free(report);
        return lines;
    }

    public void Dispose()
    {
        Native.nexus_loader_free(handle);
        GC.SuppressFinalize(this);
    }

    ~Loader()
    {
        Native.nexus_loader_free(handle);
    }
}

/// <summary>An array that C# and Python both see, without a copy.</summary>
public sealed class SharedDoubles : IDisposable
{
    public readonly double[] Array;
    readonly GCHandle pin;
    readonly IntPtr handle;

    public SharedDoubles(int length)
    {
        Array = new double[length];
        pin = GCHandle.Alloc(Array, GCHandleType.Pinned); // Python has its address
        var format = Marshal.StringToHGlobalAnsi("d");
        var layout = new Native.MemoryLayout {
            StructSize = (UIntPtr)(uint)Marshal.SizeOf(typeof(Native.MemoryLayout)), Data = pin.AddrOfPinnedObject(),
            Size = (UIntPtr)(uint)(8 * length), ItemSize = (UIntPtr)8u, Format = format,
        };
        IntPtr error;
        uint status = Native.nexus_memory_new(ref layout, IntPtr.Zero, IntPtr.Zero, out handle, out error);
        Marshal.FreeHGlobal(format);
        NexusException.Check(status, error);
    }

    /// <summary>A memoryview of it.</summary>
    public PythonObject View()
    {
        IntPtr view, error;
        NexusException.Check(Native.nexus_memory_view(handle, out view, out error), error);
        return new PythonObject(view);
    }

    /// <summary>Takes it back from Python; throws while Python has views.</summary>
    public void Dispose()
    {
        IntPtr error;
        NexusException.Check(Native.nexus_memory_revoke(handle, out error), error);
        Native.nexus_memory_free(handle);
        pin.Free();
    }
}

public static class Nexus
{
    /// <summary>Opens a directory. Without names or patterns: all of it.</summary>
    public static Loader Open(string directory, bool recursive = false, params string[] modules)
    {
        var options = new Native.LoaderOptions {
            StructSize = (UIntPtr)(uint)Marshal.SizeOf(typeof(Native.LoaderOptions)),
            Flags = recursive ? 2u : 0, // NEXUS_LOADER_RECURSIVE
            ModuleCount = (UIntPtr)(uint)modules.Length,
        };
        var names = new List<GCHandle>();
        var pointers = new IntPtr[modules.Length];
        for (int i = 0; i < modules.Length; i++) {
            names.Add(GCHandle.Alloc(Native.C(modules[i]), GCHandleType.Pinned));
            pointers[i] = names[i].AddrOfPinnedObject();
        }
        var array = GCHandle.Alloc(pointers, GCHandleType.Pinned);
        names.Add(array);
        if (modules.Length > 0) {
            options.Modules = array.AddrOfPinnedObject();
        }
        IntPtr loader, error;
        uint status = Native.nexus_loader_open(Native.C(directory), ref options, out loader, out error);
        names.ForEach(pin => pin.Free());
        NexusException.Check(status, error);
        return new Loader(loader);
    }

    public static PythonObject Import(string name)
    {
        IntPtr module, error;
        NexusException.Check(Native.nexus_import(Native.C(name), out module, out error), error);
        return new PythonObject(module);
    }

    public static string PythonVersion()
    {
        IntPtr error;
        NexusException.Check(Native.nexus_python_start(IntPtr.Zero, out error), error);
        var info = new Native.PythonInfo { StructSize = (UIntPtr)(uint)Marshal.SizeOf(typeof(Native.PythonInfo)) };
        NexusException.Check(Native.nexus_python_info(ref info, out error), error);
        return Native.Text(info.VersionText);
    }

    public static string StatusString(uint status)
    {
        return Native.Text(Native.nexus_status_string(status));
    }

    /// <summary>A Python callable of a function, which Python may call from any thread.</summary>
    public static PythonObject Callable(string name, Func<object[], object> function)
    {
        Native.HostFunction callback = (arguments, result, error, userData) => Run(function, arguments, result, error);
        // A delegate that C# has forgotten is freed: it stays until Python has forgotten it.
        var kept = GCHandle.Alloc(callback);
        IntPtr callable, failed;
        NexusException.Check(Native.nexus_function_new(Native.C(name), null, 0, callback, GCHandle.ToIntPtr(kept), Destroy,
            out callable, out failed), failed);
        return new PythonObject(callable);
    }

    static readonly Native.Destructor Destroy = userData => GCHandle.FromIntPtr(userData).Free();

    static uint Run(Func<object[], object> function, IntPtr arguments, IntPtr result, IntPtr error)
    {
        try {
            var passed = (Native.Arguments)Marshal.PtrToStructure(arguments, typeof(Native.Arguments));
            var given = new object[checked((int)passed.Count)];
            int size = Marshal.SizeOf(typeof(Native.Value));
            for (int i = 0; i < given.Length; i++) {
                var at = new IntPtr(passed.Values.ToInt64() + (long)i * size);
                given[i] = Values.Get(Lent((Native.Value)Marshal.PtrToStructure(at, typeof(Native.Value))));
            }
            object returned = function(given);
            using (var values = new Values(returned)) {
                var value = values.Array[0];
                if (value.Kind >= Native.Kind.Text) { // handed over as an object, which needs no memory of ours
                    IntPtr made, failed;
                    NexusException.Check(Native.nexus_object_new(ref value, out made, out failed), failed);
                    value = new Native.Value { Kind = Native.Kind.Object, Object = made };
                }
                Marshal.StructureToPtr(value, result, false);
            }
            GC.KeepAlive(returned);
            return 0;
        } catch (Exception thrown) { // none may leave through C
            return Native.nexus_error_raise(Native.C("builtins.RuntimeError"), Native.C(thrown.Message), error);
        }
    }

    /// <summary>Objects are lent for the call: this makes a handle of our own.</summary>
    static Native.Value Lent(Native.Value value)
    {
        if (value.Kind == Native.Kind.Object) {
            IntPtr copy, error;
            NexusException.Check(Native.nexus_object_clone(value.Object, out copy, out error), error);
            value.Object = copy;
        }
        return value;
    }
}
