// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QCoreApplication>
#include <QString>

namespace eigenquant {

/// A text of a function that belongs to no class, in the context that lupdate collects it under.
inline QString tr(const char* text)
{
    return QCoreApplication::translate("eigenquant", text);
}

} // namespace eigenquant
