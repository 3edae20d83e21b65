// The header in C++: alone, first and twice, with the contract's types and signatures.
#include "nexus_loader.h"
#include "nexus_loader.h"

#include "../c/contract_signatures.h"

#include <type_traits>

static_assert(sizeof(NexusStatus) == 4 && std::is_enum<NexusStatus>::value, "NexusStatus");
static_assert(sizeof(NexusKind) == 4 && std::is_enum<NexusKind>::value, "NexusKind");
static_assert(sizeof(NexusValue) == 32 && std::is_trivial<NexusValue>::value, "NexusValue");
static_assert(offsetof(NexusValue, owner) == 24, "NexusValue::owner");
static_assert(std::is_same<decltype(NexusValue::kind), NexusKind>::value, "NexusValue::kind");
static_assert(std::is_same<decltype(NexusReportEntry::status), NexusStatus>::value, "NexusReportEntry::status");
static_assert(std::is_same<decltype(NexusReportEntry::state), NexusState>::value, "NexusReportEntry::state");

extern "C" int second_unit(void);

int main() {
    NexusValue value = nexus_value_text("abc", 3);
    if (value.kind != NEXUS_KIND_TEXT || value.as.text.size != 3) return 1;
    if (contract_signatures.version_number() != NEXUS_VERSION_NUMBER) return 2;
    return second_unit() == 42 ? 0 : 3;
}
