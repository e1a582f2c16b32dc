// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/state/project_file.h"
#include "ui/state/workspace.h"

#include <QLockFile>
#include <QObject>
#include <QTimer>

#include <functional>
#include <memory>

namespace eigenquant {

/// The project that is open: opens and saves it, knows whether it was changed, and keeps a recovery file while it is,
/// so that a crash loses nothing.
class ProjectKeeper : public QObject {
    Q_OBJECT

public:
    /// Recovery files go to `folder`, which is made when it is needed.
    ProjectKeeper(Workspace& workspace, const QString& folder, QObject* parent = nullptr);
    /// An orderly end leaves no recovery file behind.
    ~ProjectKeeper() override;

    /// Of the open project; empty: what is open was not saved as one.
    const QString& path() const { return m_path; }
    bool isModified() const { return m_modified; }
    /// "name", without its suffix; empty without a project.
    QString name() const;

    /// Reads the file and opens all that it refers to, as one job; what is open stays until that is done.
    void open(const QString& file);
    /// Throws Error::io; on success the project is unmodified, and so is the plan.
    void save(const QString& file);
    /// Lets changes go, for a window that closes without saving.
    void discardChanges();

    /// The newest recovery file of a studio that ended in disorder; empty: there is none.
    QString recoverable() const;
    /// Opens it as a changed project; the file goes once that is done.
    void recover(const QString& file);
    void dropRecovery(const QString& file);
    /// Writes the recovery file now, if there are changes; done by itself a few seconds after each.
    void writeRecovery();

    /// Tells what page is on the screen, for the project file.
    void setPageSource(std::function<QString()> page) { m_page = std::move(page); }

signals:
    void opened(const QString& file);
    /// What could not be opened of it, and what to do; the rest is open.
    void incomplete(const QString& message);
    void failed(const QString& message);
    void changed();
    void pageWanted(const QString& page);

private:
    struct Loaded;

    static Loaded load(const Project& project, const ComputeOptions& compute, const RunContext& context);
    /// `recovery`: the file that it was recovered from, which goes once the project is open; empty: none.
    void openProject(Project project, const QString& path, const QString& recovery);
    void take(Loaded loaded, const QString& path, const QString& recovery);
    Project present() const;
    void touch();
    void setModified(bool modified);
    void removeRecovery();

    Workspace& m_workspace;
    QString m_folder;
    QString m_path;
    Project m_kept; ///< as it was read: what could not be opened is saved again as it was
    bool m_modified = false;
    bool m_taking = false;
    QTimer m_autosave;
    std::unique_ptr<QLockFile> m_lock; ///< held as long as there is a recovery file of this process
    std::function<QString()> m_page;
};

} // namespace eigenquant
