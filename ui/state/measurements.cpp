// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/state/measurements.h"

#include "core/base/error.h"
#include "ui/state/json_fields.h"

#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>

namespace eigenquant {

QStringList sensitivityArguments(const CheckSubject& subject, const QString& textFile, const QString& device)
{
    return {QStringLiteral("sensitivity"), subject.original, QStringLiteral("--checkpoint"), subject.packed,
            QStringLiteral("--text"),      textFile,         QStringLiteral("--device"),     device,
            QStringLiteral("--json")};
}

ModelSensitivity sensitivityFromJson(const QJsonObject& object)
{
    const QJsonArray layers = object.value(QLatin1String("layers")).toArray();
    if (layers.isEmpty() || !object.contains(QLatin1String("all")))
        throw Error::invalid("this is not what eigenquant sensitivity writes")
            .field(layers.isEmpty() ? "layers" : "all")
            .found("nothing")
            .hint("choose the output of eigenquant sensitivity --json");
    ModelSensitivity result;
    result.all = jsonNumber(object, "all");
    for (qsizetype i = 0; i < layers.size(); ++i) {
        const QJsonObject layer = layers[i].toObject();
        if (layer.value(QLatin1String("layer")).toInt(-1) != int(i))
            throw Error::invalid("the layers are not listed one after the other, each once")
                .field("layers[" + std::to_string(i) + "].layer")
                .expected(std::to_string(i));
        result.layers.push_back({int(i), jsonNumber(layer, "on"), jsonNumber(layer, "off")});
    }
    result.windows = object.value(QLatin1String("windows")).toInt();
    result.context = object.value(QLatin1String("context")).toInt();
    result.tokensScored = object.value(QLatin1String("tokens_scored")).toInteger();
    result.seconds = object.value(QLatin1String("seconds")).toDouble();
    result.device = jsonText(object, "device");
    result.dtype = jsonText(object, "dtype");
    result.textHash = jsonText(object, "text_hash");
    return result;
}

QJsonObject sensitivityToJson(const ModelSensitivity& sensitivity)
{
    QJsonArray layers;
    for (const LayerSensitivity& layer : sensitivity.layers)
        layers.append(QJsonObject{{QStringLiteral("layer"), layer.layer},
                                  {QStringLiteral("on"), layer.on},
                                  {QStringLiteral("off"), layer.off}});
    return {{QStringLiteral("layers"), layers},
            {QStringLiteral("all"), sensitivity.all},
            {QStringLiteral("windows"), sensitivity.windows},
            {QStringLiteral("context"), sensitivity.context},
            {QStringLiteral("tokens_scored"), qint64(sensitivity.tokensScored)},
            {QStringLiteral("seconds"), sensitivity.seconds},
            {QStringLiteral("device"), QString::fromStdString(sensitivity.device)},
            {QStringLiteral("dtype"), QString::fromStdString(sensitivity.dtype)},
            {QStringLiteral("text_hash"), QString::fromStdString(sensitivity.textHash)}};
}

ModelSensitivity loadSensitivity(const QString& path)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        throw Error::io("cannot be read: " + file.errorString().toStdString()).file(path.toStdString());
    try {
        return sensitivityFromJson(QJsonDocument::fromJson(file.readAll()).object());
    } catch (Error& error) {
        throw error.file(path.toStdString());
    }
}

} // namespace eigenquant
