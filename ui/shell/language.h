// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

namespace eigenquant {

/// Gives the application the texts of a language: "" is the system's, "en" the program's own. To be called before
/// windows are made; a language without a translation leaves the program in English.
void installLanguage(const QString& choice);

/// The language that the texts are in: "en", "de".
QString currentLanguage();

} // namespace eigenquant
