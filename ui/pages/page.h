// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/shell/studio_actions.h"

#include <QWidget>

class QStackedLayout;

namespace eigenquant {

class EmptyState;

/// What a page may use. Pages know each other only through the workspace's selection.
struct PageContext {
    Workspace& workspace;
    StudioTasks& tasks;
    StudioActions& actions;
};

/// A page of the window: its content once there are statistics, and before that what to do to get them.
class Page : public QWidget {
    Q_OBJECT

public:
    explicit Page(PageContext context, QWidget* parent = nullptr);

protected:
    Workspace& workspace() const { return m_context.workspace; }
    StudioTasks& tasks() const { return m_context.tasks; }
    StudioActions& actions() const { return m_context.actions; }
    /// Whether the content can be shown; by default: statistics are open.
    virtual bool isReady() const { return workspace().statistics() != nullptr; }
    /// What the open statistics lack for this page, as a sentence; empty: nothing.
    virtual QString missing() const { return {}; }
    /// The widget that is shown when the page is ready; called once by the subclass's constructor.
    void setContent(QWidget* content);
    /// Shows the content, or what to do to get it, by isReady() and missing(); called when model or statistics change.
    void refresh();

private:
    void followAnalysis(const JobStatus& job);

    PageContext m_context;
    QStackedLayout* m_stack = nullptr;
    EmptyState* m_empty = nullptr;
    QWidget* m_content = nullptr;
    QString m_analysis; ///< how far the running analysis is; empty: there is none
};

} // namespace eigenquant
