#include "calling.h"
CASE(nothing_yet) { CHECK(1); }
