/*
 * options_choice.h - the rows of the option table about which checkpoints are taken.
 */
#ifndef BL_OPTIONS_CHOICE_H
#define BL_OPTIONS_CHOICE_H

#include "settings.h"

/* They stand together. */
#define BL_CHOICE_FIRST BL_OPT_FILES_FROM
#define BL_CHOICE_END (BL_OPT_BEST + 1)

/* By option - BL_CHOICE_FIRST. */
extern const struct bl_option_info bl_options_choice[BL_CHOICE_END - BL_CHOICE_FIRST];

#endif
