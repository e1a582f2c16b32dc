// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/plan_difference_dialog.h"

#include "ui/models/plan_difference_table.h"
#include "ui/text/format.h"
#include "ui/text/translate.h"
#include "ui/widgets/fitted_columns.h"
#include "ui/widgets/table_dialog.h"

#include <QDialog>
#include <QDialogButtonBox>
#include <QLabel>
#include <QTableView>
#include <QVBoxLayout>

namespace eigenquant {

namespace {

constexpr QSize kDialogSize{980, 560};

QString change(const QString& what, const QString& before, const QString& after, double ratio)
{
    const QString percent =
        std::isfinite(ratio)
            ? tr(" (%1%2 %)").arg(ratio >= 1 ? QStringLiteral("+") : QString(), text::fixed((ratio - 1) * 100, 1))
            : QString();
    return tr("%1 <b>%2 → %3</b>%4").arg(what, before, after, percent);
}

double ratioOf(double after, double before)
{
    return before > 0 ? after / before : std::numeric_limits<double>::quiet_NaN();
}

} // namespace

QString differenceSummary(const Plan& before, const Plan& after, int changedLinears)
{
    const PlanTotals& a = before.totals;
    const PlanTotals& b = after.totals;
    QStringList parts{
        tr("<b>%1</b> of %2 linears differ").arg(changedLinears).arg(after.linears.size()),
        change(tr("effective bits"), text::fixed(a.effectiveBits, 3), text::fixed(b.effectiveBits, 3),
               ratioOf(b.effectiveBits, a.effectiveBits)),
        change(tr("size"), text::bytes(a.bytes), text::bytes(b.bytes), ratioOf(double(b.bytes), double(a.bytes))),
        change(tr("predicted error"), text::number(a.predictedError), text::number(b.predictedError),
               ratioOf(b.predictedError, a.predictedError))};
    if (a.predictedKl > 0 || b.predictedKl > 0)
        parts << change(tr("predicted KL"), text::number(a.predictedKl), text::number(b.predictedKl),
                        ratioOf(b.predictedKl, a.predictedKl));
    return parts.join(QStringLiteral(" · "));
}

void showPlanDifference(QWidget* parent, const Plan& before, const QString& beforeName, const Plan& after,
                        const QString& afterName)
{
    std::vector<LinearDifference> found = differences(before, after);
    auto* dialog = new QDialog(parent);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setWindowTitle(tr("%1 against %2").arg(afterName, beforeName));
    dialog->resize(kDialogSize);
    auto* layout = new QVBoxLayout(dialog);
    auto* summary = new QLabel(differenceSummary(before, after, int(found.size())));
    summary->setWordWrap(true);
    summary->setTextInteractionFlags(Qt::TextSelectableByMouse);
    summary->setAccessibleName(tr("Totals of both plans"));
    layout->addWidget(new QLabel(tr("Before: %1. After: %2.").arg(beforeName, afterName)));
    layout->addWidget(summary);
    auto* view = new QTableView;
    view->setAccessibleName(tr("Linears that differ"));
    setUpTable(*view, *new PlanDifferenceTable(std::move(found), dialog));
    new FittedColumns(*view, PlanDifferenceTable::samples());
    layout->addWidget(view, 1);
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Close);
    QObject::connect(buttons, &QDialogButtonBox::rejected, dialog, &QDialog::reject);
    layout->addWidget(buttons);
    dialog->show();
}

} // namespace eigenquant
