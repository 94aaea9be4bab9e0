#include "base/cleanup.h"
#include "workload/question_pen.h"
#include "workload/question_strategies.h"

static const struct phrase countries_phrases[] = {
    PHRASE("Norway"),    PHRASE("Chile"),      PHRASE("Vietnam"),
    PHRASE("Kenya"),     PHRASE("Portugal"),   PHRASE("Mongolia"),
    PHRASE("Canada"),    PHRASE("Morocco"),    PHRASE("Iceland"),
    PHRASE("Peru"),      PHRASE("Ethiopia"),   PHRASE("New Zealand"),
    PHRASE("Poland"),    PHRASE("Indonesia"),  PHRASE("Switzerland"),
    PHRASE("Bolivia"),   PHRASE("Turkey"),     PHRASE("Senegal"),
    PHRASE("Japan"),     PHRASE("Kazakhstan"), PHRASE("Greece"),
    PHRASE("Namibia"),   PHRASE("Finland"),    PHRASE("Colombia"),
    PHRASE("Nepal"),     PHRASE("Ireland"),    PHRASE("South Africa"),
    PHRASE("Austria"),   PHRASE("Georgia"),    PHRASE("Madagascar"),
    PHRASE("Oman"),      PHRASE("Uruguay"),    PHRASE("Estonia"),
    PHRASE("Sri Lanka"), PHRASE("Croatia"),    PHRASE("Botswana"),
    PHRASE("Laos"),      PHRASE("Ecuador"),    PHRASE("Denmark"),
    PHRASE("Tanzania"),
};
static const struct phrase_table countries = PHRASES(countries_phrases);

static const struct phrase cities_phrases[] = {
    PHRASE("Lisbon"),       PHRASE("Nairobi"),   PHRASE("Valparaíso"),
    PHRASE("Hamburg"),      PHRASE("Osaka"),     PHRASE("Marrakesh"),
    PHRASE("Vancouver"),    PHRASE("Istanbul"),  PHRASE("Hanoi"),
    PHRASE("Bogotá"),       PHRASE("Tbilisi"),   PHRASE("Cape Town"),
    PHRASE("Bergen"),       PHRASE("Lagos"),     PHRASE("Kraków"),
    PHRASE("Montevideo"),   PHRASE("Singapore"), PHRASE("Reykjavík"),
    PHRASE("Almaty"),       PHRASE("Naples"),    PHRASE("Melbourne"),
    PHRASE("Dakar"),        PHRASE("Ljubljana"), PHRASE("Mumbai"),
    PHRASE("Quito"),        PHRASE("Rotterdam"), PHRASE("Busan"),
    PHRASE("Havana"),       PHRASE("Chicago"),   PHRASE("Addis Ababa"),
    PHRASE("Thessaloniki"), PHRASE("Jakarta"),   PHRASE("Porto"),
    PHRASE("Riga"),         PHRASE("Kathmandu"), PHRASE("Lima"),
    PHRASE("Glasgow"),      PHRASE("Tashkent"),  PHRASE("Trieste"),
    PHRASE("Accra"),
};
static const struct phrase_table cities = PHRASES(cities_phrases);

static const struct phrase rivers_phrases[] = {
    PHRASE("the Danube"),    PHRASE("the Mekong"),    PHRASE("the Niger"),
    PHRASE("the Rhine"),     PHRASE("the Paraná"),    PHRASE("the Yukon"),
    PHRASE("the Zambezi"),   PHRASE("the Ganges"),    PHRASE("the Volga"),
    PHRASE("the Murray"),    PHRASE("the Orinoco"),   PHRASE("the Loire"),
    PHRASE("the Yangtze"),   PHRASE("the Columbia"),  PHRASE("the Euphrates"),
    PHRASE("the Po"),        PHRASE("the Congo"),     PHRASE("the Vistula"),
    PHRASE("the Indus"),     PHRASE("the Mackenzie"), PHRASE("the Tagus"),
    PHRASE("the Irrawaddy"), PHRASE("the Okavango"),  PHRASE("the Lena"),
};
static const struct phrase_table rivers = PHRASES(rivers_phrases);

static const struct phrase features_phrases[] = {
    PHRASE("the Andes"),
    PHRASE("the Sahara"),
    PHRASE("the Atacama Desert"),
    PHRASE("the Great Barrier Reef"),
    PHRASE("the Carpathians"),
    PHRASE("the Gobi"),
    PHRASE("the Pampas"),
    PHRASE("the Tibetan Plateau"),
    PHRASE("the Drakensberg"),
    PHRASE("the Ethiopian Highlands"),
    PHRASE("the Gulf Stream"),
    PHRASE("the Caucasus"),
    PHRASE("the Pantanal"),
    PHRASE("the Mid-Atlantic Ridge"),
    PHRASE("the Bay of Bengal"),
    PHRASE("the Aral Sea"),
    PHRASE("the Alps"),
    PHRASE("the Strait of Malacca"),
    PHRASE("the Great Rift Valley"),
    PHRASE("the Siberian taiga"),
    PHRASE("the Sundarbans"),
    PHRASE("the Patagonian ice fields"),
    PHRASE("the Scottish Highlands"),
    PHRASE("the Deccan Plateau"),
    PHRASE("the Baltic Sea"),
    PHRASE("the Black Forest"),
    PHRASE("the Kalahari"),
    PHRASE("the Aleutian Islands"),
    PHRASE("the Pyrenees"),
    PHRASE("the Dead Sea"),
};
static const struct phrase_table features = PHRASES(features_phrases);

static const struct phrase topics_phrases[] = {
    PHRASE("farming"),
    PHRASE("the choice of building materials"),
    PHRASE("river transport"),
    PHRASE("the location of cities"),
    PHRASE("tourism"),
    PHRASE("the supply of drinking water"),
    PHRASE("migration"),
    PHRASE("local cuisine"),
    PHRASE("the generation of electricity"),
    PHRASE("fishing"),
    PHRASE("the spread of languages"),
    PHRASE("road building"),
    PHRASE("the risk of floods"),
    PHRASE("forestry"),
    PHRASE("air quality"),
    PHRASE("the growing season"),
    PHRASE("mining"),
    PHRASE("animal migration"),
    PHRASE("public transport"),
    PHRASE("the price of land"),
    PHRASE("winter sports"),
    PHRASE("soil erosion"),
    PHRASE("herding"),
    PHRASE("regional trade"),
};
static const struct phrase_table topics = PHRASES(topics_phrases);

static const struct phrase lenses_phrases[] = {
    PHRASE("a town planner"),
    PHRASE("a geologist"),
    PHRASE("a farmer"),
    PHRASE("a ship's captain"),
    PHRASE("a migrating bird"),
    PHRASE("a backpacker"),
    PHRASE("an insurance company"),
    PHRASE("a railway engineer"),
    PHRASE("a schoolchild"),
    PHRASE("a botanist"),
    PHRASE("a fisherman"),
    PHRASE("a cartographer"),
    PHRASE("a climate scientist"),
    PHRASE("a trucker"),
};
static const struct phrase_table lenses = PHRASES(lenses_phrases);

static const struct phrase quantities_phrases[] = {
    PHRASE("rainfall"),
    PHRASE("population density"),
    PHRASE("elevation"),
    PHRASE("forest cover"),
    PHRASE("soil quality"),
    PHRASE("water use per person"),
    PHRASE("temperature range"),
    PHRASE("length of coastline"),
    PHRASE("number of spoken languages"),
    PHRASE("share of city dwellers"),
    PHRASE("energy use"),
    PHRASE("area of farmland"),
    PHRASE("hours of sunshine"),
    PHRASE("age of the population"),
    PHRASE("rent for a small flat"),
    PHRASE("length of the railways"),
    PHRASE("number of earthquakes"),
};
static const struct phrase_table quantities = PHRASES(quantities_phrases);

static const struct phrase seasons_phrases[] = {
    PHRASE("early spring"),       PHRASE("late spring"),
    PHRASE("midsummer"),          PHRASE("early autumn"),
    PHRASE("late autumn"),        PHRASE("the depth of winter"),
    PHRASE("the wettest months"), PHRASE("the driest months"),
};
static const struct phrase_table seasons = PHRASES(seasons_phrases);

static const struct phrase journeys_phrases[] = {
    PHRASE("by train"), PHRASE("by bicycle"),
    PHRASE("on foot"),  PHRASE("by motorcycle"),
    PHRASE("by bus"),   PHRASE("on horseback"),
    PHRASE("by car"),   PHRASE("with two children by train"),
};
static const struct phrase_table journeys = PHRASES(journeys_phrases);

static const struct question_template templates[] = {
    TEMPLATE(TEXT("How do the climates of "), WORD(cities), TEXT(" and "), OTHER(cities),
             TEXT(" differ in "), WORD(seasons),
             TEXT(", and what explains the difference?")),
    TEMPLATE(TEXT("Why did "), WORD(cities),
             TEXT(" grow where it is, and what would have made a "), TEXT("place "),
             NUMBER(20, 90), TEXT(" kilometres away less suitable?")),
    TEMPLATE(TEXT("How has "), WORD(rivers), TEXT(" shaped "), WORD(topics),
             TEXT(" along its banks over the last "), NUMBER(60, 900), TEXT(" years?")),
    TEMPLATE(TEXT("Plan a journey of "), NUMBER(5, 28), TEXT(" days "), WORD(journeys),
             TEXT(" through "), WORD(countries),
             TEXT(": which stops are worth the time?")),
    TEMPLATE(TEXT("What formed "), WORD(features), TEXT(", and how would "), WORD(lenses),
             TEXT(" describe the effect on "), WORD(topics), TEXT("?")),
    TEMPLATE(TEXT("Compare "), WORD(countries), TEXT(" with "), OTHER(countries),
             TEXT(" by "), WORD(quantities),
             TEXT(". Which figures surprise people most?")),
    TEMPLATE(TEXT("What would "), WORD(lenses), TEXT(" notice first about "),
             WORD(features), TEXT(" in "), WORD(seasons), TEXT("?")),
    TEMPLATE(TEXT("Which "), NUMBER(3, 7),
             TEXT(" geographical facts explain most about "), WORD(topics), TEXT(" in "),
             WORD(countries), TEXT("?")),
    TEMPLATE(TEXT("If sea level rose by "), NUMBER(30, 240),
             TEXT(" centimetres, how would "), WORD(cities), TEXT(" have to change?")),
    TEMPLATE(TEXT("Describe "), WORD(countries), TEXT(" through the eyes of "),
             WORD(lenses), TEXT(", in "), NUMBER(6, 14), TEXT(" sentences.")),
    TEMPLATE(TEXT("What makes "), WORD(rivers), TEXT(" harder to navigate than "),
             OTHER(rivers), TEXT(" in "), WORD(seasons), TEXT("?")),
    TEMPLATE(TEXT("How do people in "), WORD(countries), TEXT(" cope with "),
             WORD(seasons), TEXT(", above all in "), WORD(topics), TEXT("?")),
    TEMPLATE(TEXT("Which neighbours does "), WORD(countries),
             TEXT(" have, and how do borders affect "), WORD(topics), TEXT(" there?")),
    TEMPLATE(TEXT("Why do "), WORD(features), TEXT(" and "), OTHER(features),
             TEXT(" look so different on satellite images of "), WORD(seasons),
             TEXT("?")),
    TEMPLATE(TEXT("How far from "), WORD(cities),
             TEXT(" must one travel to see a different "),
             TEXT("landscape, and what changes on the way "), WORD(journeys), TEXT("?")),
    TEMPLATE(TEXT("Draw up a quiz of "), NUMBER(4, 12), TEXT(" questions about "),
             WORD(countries), TEXT(", with one on "), WORD(topics),
             TEXT(" and one on the "), WORD(quantities), TEXT(".")),
    TEMPLATE(TEXT("Would "), WORD(lenses), TEXT(" blame "), WORD(features),
             TEXT(" for the weather of "), WORD(seasons),
             TEXT(" in the countries nearby?")),
    TEMPLATE(TEXT("What might "), WORD(topics), TEXT(" in "), WORD(countries),
             TEXT(" look like "), NUMBER(15, 60), TEXT(" years from now?")),
    TEMPLATE(TEXT("Which "), NUMBER(2, 5), TEXT(" maps would you show to "), WORD(lenses),
             TEXT(" to explain "), WORD(topics), TEXT(" in "), WORD(countries),
             TEXT("?")),
    TEMPLATE(TEXT("What should "), WORD(lenses), TEXT(" know before spending "),
             NUMBER(3, 40), TEXT(" weeks in "), WORD(countries), TEXT("?")),
    TEMPLATE(TEXT("How do the figures for the "), WORD(quantities), TEXT(" vary within "),
             WORD(countries), TEXT(", and what would "), WORD(lenses),
             TEXT(" conclude?")),
    TEMPLATE(TEXT("Which common belief about "), WORD(features), TEXT(" would "),
             WORD(lenses), TEXT(" correct first, and why?")),
    TEMPLATE(TEXT("In which ways did "), WORD(rivers), TEXT(" matter more "),
             NUMBER(100, 900), TEXT(" years ago than it does now?")),
    TEMPLATE(TEXT("Where does the terrain matter more for "), WORD(topics),
             TEXT(", around "), WORD(cities), TEXT(" or around "), OTHER(cities),
             TEXT("? Give "), NUMBER(2, 5), TEXT(" reasons.")),
};

void geographical_write(struct question_pen *pen)
{
    question_pen_write(pen, templates, COUNT_OF(templates));
}
