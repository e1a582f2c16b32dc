// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/results/sensitivity.h"
#include "ui/state/workspace.h"

#include <QJsonObject>
#include <QStringList>

namespace eigenquant {

/// The words behind `eigenquant` that measure every layer of a checkpoint beside its model.
QStringList sensitivityArguments(const CheckSubject& subject, const QString& text, const QString& device);

/// What `eigenquant sensitivity --json` says. Throws Error::invalid where it lacks what the verb promises.
ModelSensitivity sensitivityFromJson(const QJsonObject& object);
/// What sensitivityFromJson() reads, for a project to keep.
QJsonObject sensitivityToJson(const ModelSensitivity& sensitivity);
/// What sensitivityFromJson() makes of a file's content. Throws Error.
ModelSensitivity loadSensitivity(const QString& path);

} // namespace eigenquant
