// The "Complete Example" of the Python class NexusLoader, in C++: the same steps, the same lines of output.
//
//     complete [DIRECTORY]
#include <nexus_loader.hpp>

#include <iostream>
#include <string>
#include <vector>

namespace {

const std::vector<std::string> required{"crypto", "network", "database"};

/// The names as Python prints a list or a set: 'a', 'b'
std::string quoted(const std::vector<std::string> &names)
{
    std::string text;
    for (const std::string &name : names) text += (text.empty() ? "'" : ", '") + name + "'";
    return text;
}

void show_loaded(const nexus::Loader &loader)
{
    std::cout << "\n✓ Successfully loaded " << loader.size() << " modules:\n";
    for (const std::string_view name : loader) std::cout << "  - " << name << '\n';
    std::vector<std::string> missing;
    for (const std::string &name : required) {
        if (!loader.contains(name)) missing.push_back(name);
    }
    if (!missing.empty()) std::cout << "\n⚠ Warning: Missing modules: {" << quoted(missing) << "}\n";
}

void use_modules(const nexus::Loader &loader)
{
    if (loader.contains("crypto")) {
        std::cout << "\n--- Using Crypto Module ---\n";
        const nexus::Module crypto = loader["crypto"];
        const auto encrypted = crypto.call<std::string>("encrypt", "Hello, World!");
        std::cout << "Encrypted data: " << encrypted << '\n';
        std::cout << "Decrypted data: " << crypto.call<std::string>("decrypt", encrypted) << '\n';
    }
    if (loader.contains("network")) {
        std::cout << "\n--- Using Network Module ---\n";
        const nexus::Module network = loader["network"];
        network.call("connect", "192.168.1.1", nexus::kw("port") = 8080);
        std::cout << "Connection status: " << network.call("get_status") << '\n';
    }
    if (loader.contains("database")) {
        std::cout << "\n--- Using Database Module ---\n";
        const nexus::Module database = loader["database"];
        database.call("connect", "localhost", 5432, "mydb");
        std::cout << "Query result: " << database.call("query", "SELECT * FROM users LIMIT 5") << '\n';
    }
}

} // namespace

int main(int argc, char **argv)
{
    const char *const directory = argc > 1 ? argv[1] : "/opt/myapp/modules";
    std::cout << "Loading modules from: " << directory << '\n';
    try {
        const nexus::Loader loader(directory, required);
        show_loaded(loader);
        use_modules(loader);
        std::cout << '\n' << loader << '\n';
        return EXIT_SUCCESS;
    } catch (const nexus::Error &error) {
        switch (error.status()) {
        case NEXUS_ERR_NOT_FOUND: // FileNotFoundError and NotADirectoryError in Python
        case NEXUS_ERR_NO_MODULES:
        case NEXUS_ERR_NOT_A_DIRECTORY:
            std::cerr << "✗ Error: " << error.message() << '\n';
            break;
        case NEXUS_ERR_NOT_LOADED: // KeyError in Python
            std::cerr << "✗ Module error: " << error.message() << '\n';
            break;
        default:
            std::cerr << "✗ Unexpected error: " << error << '\n';
        }
        return EXIT_FAILURE;
    }
}
