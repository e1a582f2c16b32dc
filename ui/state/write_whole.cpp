// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/state/write_whole.h"

#include "core/base/error.h"

#include <QSaveFile>

#include <cerrno>

namespace eigenquant {

namespace {

/// No room on the disk, or in what this account may use of it.
bool isFull(int reason)
{
    return reason == ENOSPC || reason == EDQUOT || reason == EFBIG;
}

} // namespace

void writeWhole(const QString& file, const QByteArray& bytes, const char* summary)
{
    QSaveFile out(file);
    const bool isWritten = out.open(QIODevice::WriteOnly) && out.write(bytes) == bytes.size() && out.flush();
    const bool full = !isWritten && isFull(errno);
    if (isWritten && out.commit())
        return;
    throw (full ? Error::resources(summary) : Error::io(summary))
        .file(file.toStdString())
        .found(out.errorString().toStdString())
        .hint(full ? "free some disk space or choose another disk"
                   : "choose a folder that you may write to, with room for it");
}

} // namespace eigenquant
