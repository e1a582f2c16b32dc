// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QJsonObject>

#include <limits>
#include <string>

namespace eigenquant {

/// A number of a JSON object; NaN for null or nothing, which is how JSON says that a figure is not known.
inline double jsonNumber(const QJsonValue& object, const char* key)
{
    return object[QLatin1String(key)].toDouble(std::numeric_limits<double>::quiet_NaN());
}

/// A text of a JSON object; empty if there is none.
inline std::string jsonText(const QJsonValue& object, const char* key)
{
    return object[QLatin1String(key)].toString().toStdString();
}

} // namespace eigenquant
