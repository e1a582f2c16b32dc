// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/page.h"

#include "ui/shell/jobs_line.h"
#include "ui/text/format.h"
#include "ui/widgets/empty_state.h"

#include <QStackedLayout>

namespace eigenquant {

Page::Page(PageContext context, QWidget* parent) : QWidget(parent), m_context(context)
{
    m_stack = new QStackedLayout(this);
    m_empty = new EmptyState(this);
    m_stack->addWidget(m_empty);
    connect(&workspace(), &Workspace::modelChanged, this, &Page::refresh);
    connect(&workspace(), &Workspace::statisticsChanged, this, &Page::refresh);
    connect(&workspace().jobs(), &JobRunner::jobChanged, this, &Page::followAnalysis);
}

void Page::followAnalysis(const JobStatus& job)
{
    if (job.tag != QLatin1String("analyze") || isReady())
        return;
    m_analysis = job.isFinished() ? QString() : describeProgress(job);
    refresh();
}

void Page::setContent(QWidget* content)
{
    m_content = content;
    m_stack->addWidget(content);
    refresh();
}

void Page::refresh()
{
    const QString lack = isReady() ? missing() : QString();
    if (m_content && isReady() && lack.isEmpty()) {
        m_stack->setCurrentWidget(m_content);
        return;
    }
    m_stack->setCurrentWidget(m_empty);
    if (!lack.isEmpty()) {
        m_empty->setContent(tr("Nothing to show here"), lack, {actions().openStatistics, actions().analyze});
        return;
    }
    const ModelInfo* model = workspace().modelInfo();
    if (!model) {
        m_empty->setContent(tr("Nothing is open yet"),
                            tr("Open a model to analyse it, or the statistics of an earlier analysis. "
                               "Files and folders can also be dropped on the window."),
                            {actions().openDemo, actions().openModelFile, actions().openStatistics});
        return;
    }
    if (!m_analysis.isEmpty()) {
        m_empty->setContent(tr("%1 is being analysed").arg(QString::fromStdString(model->name)),
                            tr("%1\n\nThe pages fill when it is done.").arg(m_analysis), {});
        return;
    }
    m_empty->setContent(
        tr("%1 is open").arg(QString::fromStdString(model->name)),
        tr("%1 with %2 layers, %3 channels wide, %4 parameters, from %5.\n\nAnalyse it on a calibration text to "
           "see its "
           "spectra and outliers and to plan its bits. This takes one pass over the text.")
            .arg(QString::fromStdString(model->architecture))
            .arg(model->layers)
            .arg(model->hiddenSize)
            .arg(text::magnitude(double(model->parameters)), QString::fromStdString(model->sourceFormat)),
        {actions().analyze, actions().openText, actions().openStatistics});
}

} // namespace eigenquant
