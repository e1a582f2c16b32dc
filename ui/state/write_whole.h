// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QString>

namespace eigenquant {

/// Writes a file that appears whole or not at all: what was there before stays until the new one is complete. Throws
/// Error::io, or Error::resources for a full disk, which begins with `summary`.
void writeWhole(const QString& file, const QByteArray& bytes, const char* summary);

} // namespace eigenquant
