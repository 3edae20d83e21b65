/* The header in plain C99: alone, first and twice. */
#include "nexus_loader.h"
#include "nexus_loader.h"

#include "contract_signatures.h"

int second_unit(void);

int main(void) {
    const char text[] = "abc";
    NexusValue value = nexus_value_text(text, sizeof text - 1);
    if (value.kind != NEXUS_KIND_TEXT || value.as.text.size != 3 || value.owner != NULL) return 1;
    if (nexus_value_bytes(text, 2).kind != NEXUS_KIND_BYTES) return 2;
    if (nexus_value_real(0.5).as.real != 0.5 || !nexus_value_boolean(true).as.boolean) return 3;
    if (nexus_value_none().kind != NEXUS_KIND_NONE || nexus_value_object(NULL).as.object != NULL) return 4;
    if (contract_signatures.version_number() != NEXUS_VERSION_NUMBER) return 5;
    return second_unit() == 42 ? 0 : 6;
}
