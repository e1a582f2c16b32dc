// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/teaching/published_results.h"

#include "ui/text/format.h"

#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

namespace eigenquant {

PublishedResults publishedResults()
{
    QFile file(QStringLiteral(":/lesson/kept_dimensions.json"));
    if (!file.open(QIODevice::ReadOnly))
        return {};
    const QJsonObject object = QJsonDocument::fromJson(file.readAll()).object();
    PublishedResults results;
    results.reference = object[QLatin1String("float_perplexity")].toDouble();
    for (const QJsonValue& value : object[QLatin1String("rows")].toArray())
        results.rows.push_back({value[QLatin1String("kept")].toString(),
                                value[QLatin1String("perplexity")].toDouble(), 0,
                                value[QLatin1String("weight_bits")].toDouble()});
    results.origin = QCoreApplication::translate(
                         "eigenquant::PublishedResults",
                         "Not measured here: %1, %2 bits, groups of %3, K = d/32, %4 windows of %5 tokens of "
                         "%6. The weights had been through 4-bit rounding before.")
                         .arg(object[QLatin1String("model")].toString())
                         .arg(object[QLatin1String("bits")].toInt())
                         .arg(object[QLatin1String("group_size")].toInt())
                         .arg(object[QLatin1String("windows")].toInt())
                         .arg(object[QLatin1String("context")].toInt())
                         .arg(object[QLatin1String("text")].toString());
    return results;
}

} // namespace eigenquant
