/* The version of this program, as in summary.json. */
#pragma once

/* "0.1.0", from the build. */
const char *throng_version(void);
