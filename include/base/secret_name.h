/*
 * Names that secrets go by: a name of a header, a query's parameter or a JSON member → whether what
 * stands under it is for nobody to see. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* "password", "api_key", "x-auth-token", "sig": a word of the list, or one within the name; any case. */
bool secret_name_is(const char *name, size_t len);

/*
 * The names among them under which also a number is a secret; under others it is most often none, as
 * under "max_tokens".
 */
bool secret_name_is_password(const char *name, size_t len);
