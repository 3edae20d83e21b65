// nexus_loader.hpp alone, first and twice; each part of it alone is a part of the second unit.
#include "nexus_loader.hpp"
#include "nexus_loader.hpp"

#include <cstring>

int second_unit();

static_assert(std::is_move_constructible_v<nexus::Object> && !std::is_copy_constructible_v<nexus::Object>);
static_assert(std::is_move_constructible_v<nexus::Loader> && !std::is_copy_constructible_v<nexus::Loader>);
static_assert(std::is_move_assignable_v<nexus::Memory> && !std::is_copy_constructible_v<nexus::Memory>);
static_assert(std::is_nothrow_move_constructible_v<nexus::result<nexus::Object>>);
static_assert(sizeof(nexus::Object) == sizeof(NexusValue));
static_assert(std::is_copy_constructible_v<nexus::Error>, "it is thrown");

int main()
{
    if (!nexus::version_fits() || std::strcmp(nexus::version(), NEXUS_VERSION_STRING) != 0) return 1;
    const nexus::Error error(NEXUS_ERR_NOT_FOUND, "no such thing");
    if (error.status() != NEXUS_ERR_NOT_FOUND || error.message() != "no such thing") return 2;
    nexus::Object none;
    if (!none.is_none()) return 3;
    const nexus::result<nexus::Loader> loader = nexus::Loader::try_open("/no/such/folder");
    if (loader || loader.error().status() != NEXUS_ERR_NOT_FOUND) return 4;
#ifdef NEXUS_NO_EXCEPTIONS
    if (loader.error().path() != "/no/such/folder") return 5;
#else
    try {
        nexus::Loader("/no/such/folder");
        return 6;
    } catch (const std::runtime_error &thrown) {
        if (std::string(thrown.what()) != "Binary path does not exist: /no/such/folder") return 7;
    }
#endif
    return second_unit() == 42 ? 0 : 8;
}
