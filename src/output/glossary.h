/* What each metric means, for pages that explain what they show. */
#pragma once

#include <jansson.h>

/* {metric: meaning}; the caller's. NULL: no memory. */
json_t *glossary_new(void);
