// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

namespace eigenquant {

class ElidedLabel;

/// Where something was written, with what one does next: copy the path, open the folder.
class ResultFolder : public QWidget {
    Q_OBJECT

public:
    explicit ResultFolder(const QString& what, QWidget* parent = nullptr);
    /// Hides itself where there is no folder.
    void setFolder(const QString& folder);

private:
    void copy();
    void open();

    QString m_folder;
    ElidedLabel* m_path = nullptr;
};

} // namespace eigenquant
