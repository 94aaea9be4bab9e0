#include "result/summary_reading.h"

#include <math.h>
#include <string.h>

const json_t *summary_at(const json_t *object, const char *path)
{
    char name[64];

    while (object && *path) {
        const size_t len = strcspn(path, "/");

        if (len >= sizeof(name))
            return NULL;
        memcpy(name, path, len);
        name[len] = '\0';
        object = json_object_get(object, name);
        path += len + (path[len] == '/');
    }
    return object;
}

const char *summary_text(const json_t *object, const char *path)
{
    const char *text = json_string_value(summary_at(object, path));

    return text ? text : "";
}

double summary_number(const json_t *object, const char *path)
{
    const json_t *number = summary_at(object, path);

    return json_is_number(number) ? json_number_value(number) : (double)NAN;
}

json_int_t summary_count(const json_t *object, const char *path)
{
    return json_integer_value(summary_at(object, path));
}
