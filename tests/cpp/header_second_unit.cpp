// The header in a second unit of the same program: nothing in it is defined twice.
#include "nexus_loader.h"

extern "C" int second_unit(void);

extern "C" int second_unit(void) { return static_cast<int>(nexus_value_integer(42).as.integer); }
