// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

class QLineEdit;

namespace eigenquant {

/// A path to type, or to choose with the button beside it.
class PathField : public QWidget {
    Q_OBJECT

public:
    enum class Kind { ExistingFile, NewFile, NewFolder };

    PathField(Kind kind, const QString& accessibleName, const QString& filter, QWidget* parent = nullptr);
    QString path() const;
    void setPath(const QString& path);

signals:
    void pathChanged(const QString& path);

private:
    void browse();

    Kind m_kind;
    QString m_filter;
    QLineEdit* m_edit = nullptr;
};

} // namespace eigenquant
