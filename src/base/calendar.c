#include "base/calendar.h"

/* H. Hinnant, "chrono-compatible date algorithms": years that begin in March end with the leap day. */
int64_t calendar_days(int year, int month, int day)
{
    const int from_march = (month + 9) % 12;
    const int64_t years = month <= 2 ? year - 1 : year;
    const int64_t era = years / 400;
    const int64_t of_era = years - era * 400;
    const int64_t of_year = (153 * from_march + 2) / 5 + day - 1;

    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}
