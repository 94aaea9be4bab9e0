#include "cli/version.h"

#include <stdio.h>

#include <curl/curl.h>
#include <jansson.h>
#include <uv.h>
#include <yaml.h>

#include "cli/command.h"
#include "result/verdict.h"

const char *throng_version(void)
{
    return THRONG_VERSION;
}

static int run(const struct command *command, int argc, char **argv)
{
    struct option_list none = {0};
    const int code = command_begin(command, argc, argv, NULL, &none);

    option_list_deinit(&none);
    if (code >= 0)
        return code;
    printf("throng %s\nlibuv %s, %s, libyaml %s, jansson %s\n", throng_version(),
           uv_version_string(), curl_version(), yaml_get_version_string(),
           JANSSON_VERSION);
    return EXIT_PASSED;
}

const struct command command_version = {
    .name = "version",
    .arguments = "",
    .summary = "print the version of throng and of its libraries",
    .run = run,
};
