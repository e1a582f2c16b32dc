// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/quant/plan.h"
#include "tests/ui/synthetic_statistics.h"
#include "tests/ui/ui_test.h"
#include "ui/models/budget_delegate.h"
#include "ui/models/site_plan_table.h"
#include "ui/text/format.h"
#include "ui/widgets/plan_editor.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QLineEdit>
#include <QPushButton>
#include <QSet>
#include <QSignalSpy>

using namespace eigenquant;

Q_DECLARE_METATYPE(eigenquant::Method)
Q_DECLARE_METATYPE(eigenquant::RotationScope)

namespace {

constexpr Method kMethods[] = {Method::Rtn,     Method::Salient, Method::Gptq, Method::Awq, Method::RandRot,
                               Method::Rosaq,   Method::Cmpq,    Method::Etq,  Method::Float};

/// All settings as text, so that a failure shows which of them differs.
QString told(const PlanOptions& options)
{
    return text::fromStd(planToJson(Plan{.options = options}));
}

/// The child of this class with the name that screen readers tell.
template <typename Widget>
Widget& field(const QWidget& editor, const QString& name)
{
    for (Widget* child : editor.findChildren<Widget*>())
        if (child->accessibleName() == name)
            return *child;
    qFatal("no field %s", qPrintable(name));
}

template <typename Button>
Button& button(const QWidget& editor, const QString& start)
{
    for (Button* child : editor.findChildren<Button*>())
        if (child->text().startsWith(start))
            return *child;
    qFatal("no button %s", qPrintable(start));
}

void pick(QComboBox& box, const QString& title)
{
    const int at = box.findText(title);
    QVERIFY2(at >= 0, qPrintable(title));
    box.setCurrentIndex(at);
}

QSet<QString> choices(const QComboBox& box)
{
    QSet<QString> titles;
    for (int i = 0; i < box.count(); ++i)
        titles << box.itemText(i);
    return titles;
}

} // namespace

class PlanEditorTest : public QObject {
    Q_OBJECT

    std::shared_ptr<ModelStatistics> m_statistics = test::syntheticStatistics();

private slots:
    void everyStartingPointComesBack_data()
    {
        QTest::addColumn<Method>("method");
        QTest::addColumn<RotationScope>("scope");
        for (const Method method : kMethods)
            for (const RotationScope scope : {RotationScope::PerSite, RotationScope::Global})
                QTest::addRow("%s %s", name(method).data(), name(scope).data()) << method << scope;
    }

    void everyStartingPointComesBack()
    {
        QFETCH(Method, method);
        QFETCH(RotationScope, scope);
        PlanEditor editor;
        editor.setStatistics(*m_statistics);
        PlanOptions options = PlanOptions::of(method, scope);
        options.seed = 17;
        editor.setOptions(options);
        // Without a rotation there is none to share.
        PlanOptions expected = PlanOptions::of(method, rotates(method) ? scope : RotationScope::PerSite);
        expected.seed = 17;
        QCOMPARE(told(editor.options()), told(expected));
        makePlan(*m_statistics, editor.options()); // and the core takes it
    }

    void everySettingComesBack()
    {
        PlanEditor editor;
        editor.setStatistics(*m_statistics);
        PlanOptions rosaq = PlanOptions::of(Method::Rosaq);
        rosaq.bits = 3;
        rosaq.groupSize = 32; // not among those measured
        rosaq.symmetric = rosaq.activationOrder = rosaq.mixRest = true;
        rosaq.rounding = Rounding::Gptq;
        rosaq.salient = {24, false};
        rosaq.select = Select::TopBottom;
        rosaq.attnOut = SiteTreatment::Salient;
        rosaq.mlpOut = SiteTreatment::None;
        editor.setOptions(rosaq);
        QCOMPARE(told(editor.options()), told(rosaq));

        PlanOptions awq = PlanOptions::of(Method::Awq);
        awq.clip = true;
        awq.groupSize = 0;
        editor.setOptions(awq);
        QCOMPARE(told(editor.options()), told(awq));

        PlanOptions cmpq = PlanOptions::of(Method::Cmpq);
        cmpq.bits = 2.2;
        cmpq.cmpq = {0.0007, 0.0123, true};
        editor.setOptions(cmpq);
        QCOMPARE(told(editor.options()), told(cmpq));

        PlanOptions etq = PlanOptions::of(Method::Etq, RotationScope::Global);
        etq.basis = RotationKind::Random;
        etq.targetBits = 3.05;
        editor.setOptions(etq);
        QCOMPARE(told(editor.options()), told(etq));
    }

    void choosingAMethodStartsFromItsDefaults()
    {
        PlanEditor editor;
        editor.setStatistics(*m_statistics);
        PlanOptions options = PlanOptions::of(Method::Rosaq, RotationScope::Global);
        options.bits = 3;
        options.groupSize = 64;
        options.seed = 5;
        options.salient = {16, false};
        options.symmetric = true;
        editor.setOptions(options);
        auto& method = field<QComboBox>(editor, "Method");
        for (const auto& [title, chosen] : {std::pair{"ETQ", Method::Etq}, {"RandRot", Method::RandRot}}) {
            pick(method, title);
            PlanOptions expected = PlanOptions::of(chosen, RotationScope::Global);
            expected.bits = 3;
            expected.groupSize = chosen == Method::Etq ? expected.groupSize : 64;
            expected.seed = 5;
            QCOMPARE(told(editor.options()), told(expected));
        }
        pick(method, "GPTQ");
        QCOMPARE(editor.options().scope, RotationScope::PerSite);
        QCOMPARE(editor.options().rounding, Rounding::Gptq);
        QCOMPARE(editor.options().groupSize, 64);
    }

    void choosingAScopeBringsItsTreatments()
    {
        PlanEditor editor;
        editor.setStatistics(*m_statistics);
        editor.setOptions(PlanOptions::of(Method::Etq));
        pick(field<QComboBox>(editor, "Rotation"), "global");
        QCOMPARE(told(editor.options()), told(PlanOptions::of(Method::Etq, RotationScope::Global)));
        pick(field<QComboBox>(editor, "Basis"), "none");
        QCOMPARE(editor.options().scope, RotationScope::PerSite);
        QVERIFY(!field<QComboBox>(editor, "Rotation").isEnabled());
    }

    void bitsAreWholeOnAGrid()
    {
        PlanEditor editor;
        editor.setStatistics(*m_statistics);
        PlanOptions options = PlanOptions::of(Method::Etq);
        options.bits = 3.25;
        editor.setOptions(options);
        auto& bits = field<QDoubleSpinBox>(editor, "Bits");
        auto& method = field<QComboBox>(editor, "Method");
        QCOMPARE(bits.decimals(), 2);
        QCOMPARE(bits.minimum(), 1.0);
        pick(method, "CMPQ");
        QCOMPARE(bits.decimals(), 1);
        QCOMPARE(bits.minimum(), 2.0);
        pick(method, "RTN");
        QCOMPARE(bits.decimals(), 0);
        QCOMPARE(editor.options().bits, 3.0);
    }

    void whatAMethodIgnoresIsDisabled_data()
    {
        QTest::addColumn<Method>("method");
        QTest::addColumn<QStringList>("enabled");
        const QStringList grid{"Bits", "Group", "Symmetric grid", "Target bits"};
        const QStringList turning{"Rotation", "Basis", "attn_out", "mlp_out"};
        const QStringList salient{"K", "Stay FP16"};
        QTest::newRow("rtn") << Method::Rtn << grid;
        QTest::newRow("gptq") << Method::Gptq << grid + QStringList{"Activation order"};
        QTest::newRow("awq") << Method::Awq << grid + QStringList{"Rounding", "Clip ranges"};
        QTest::newRow("salient") << Method::Salient << grid + salient + QStringList{"Rounding"};
        QTest::newRow("randrot") << Method::RandRot << grid + turning + salient + QStringList{"Rounding"};
        QTest::newRow("rosaq") << Method::Rosaq << grid + turning + salient + QStringList{"Rounding", "Mix the rest"};
        QTest::newRow("cmpq") << Method::Cmpq
                              << QStringList{"Bits", "Target bits", "Activation outliers", "Quantization outliers",
                                             "4 and 2 bits between 2 and 3"};
        QTest::newRow("etq") << Method::Etq << QStringList{"Bits", "Target bits"} + turning;
        QTest::newRow("float") << Method::Float << QStringList{};
    }

    void whatAMethodIgnoresIsDisabled()
    {
        QFETCH(Method, method);
        QFETCH(QStringList, enabled);
        PlanEditor editor;
        editor.setStatistics(*m_statistics);
        editor.setOptions(PlanOptions::of(method));
        QStringList found;
        for (const QComboBox* box : editor.findChildren<QComboBox*>())
            if (box->isEnabled() && box->accessibleName() != "Method")
                found << box->accessibleName();
        for (const QDoubleSpinBox* box : editor.findChildren<QDoubleSpinBox*>())
            if (box->isEnabled())
                found << box->accessibleName();
        for (const QLineEdit* edit : editor.findChildren<QLineEdit*>())
            if (edit->isEnabled() && !edit->accessibleName().isEmpty())
                found << edit->accessibleName();
        for (const QCheckBox* check : editor.findChildren<QCheckBox*>())
            if (check->isEnabled())
                found << check->text();
        found.sort();
        enabled.sort();
        QCOMPARE(found, enabled);
        QCOMPARE(button<QPushButton>(editor, "Apply to all").isEnabled(), method != Method::Float);
    }

    void aTargetChoosesBitsAndK()
    {
        PlanEditor editor;
        editor.setStatistics(*m_statistics);
        PlanOptions options;
        options.bits = 3;
        options.salient = {16, false};
        editor.setOptions(options);
        button<QCheckBox>(editor, "Target bits").setChecked(true);
        field<QDoubleSpinBox>(editor, "Target bits").setValue(4.75);
        QVERIFY(!field<QDoubleSpinBox>(editor, "Bits").isEnabled());
        QVERIFY(!field<QLineEdit>(editor, "K").isEnabled());
        PlanOptions expected = PlanOptions::of(Method::Rosaq);
        expected.targetBits = 4.75;
        QCOMPARE(told(editor.options()), told(expected));
        button<QCheckBox>(editor, "Target bits").setChecked(false);
        QCOMPARE(told(editor.options()), told(options));
    }

    void statisticsSayWhatIsOffered()
    {
        PlanEditor editor;
        editor.setStatistics(*test::syntheticStatistics({.divergence = false}));
        QVERIFY(!button<QCheckBox>(editor, "Target bits").isEnabled());
        QVERIFY(field<QComboBox>(editor, "Method").findText("ETQ") >= 0);

        const auto norms = test::syntheticStatistics({.normsOnly = true});
        editor.setStatistics(*norms);
        QCOMPARE(choices(field<QComboBox>(editor, "Method")), (QSet<QString>{"RTN", "salient", "CMPQ", "float"}));
        for (const Method method : {Method::Rtn, Method::Salient, Method::Cmpq}) {
            editor.setOptions(PlanOptions::of(method));
            QVERIFY(!field<QComboBox>(editor, "Rounding").isEnabled());
            makePlan(*norms, editor.options());
        }
    }

    void nonsenseForKIsRefusedOnlyWhereItCounts()
    {
        PlanEditor editor;
        editor.setStatistics(*m_statistics);
        editor.setOptions({});
        field<QLineEdit>(editor, "K").setText("many");
        QVERIFY_THROWS_EXCEPTION(Error, editor.options());
        editor.setOptions(PlanOptions::of(Method::Rtn));
        field<QLineEdit>(editor, "K").setText("many");
        QCOMPARE(editor.options().salient.value, 0.0);
    }

    void theTableEditsBitsAsTheMethodHasThem()
    {
        PlanDocument document;
        document.reset(m_statistics, makePlan(*m_statistics, PlanOptions::of(Method::Etq)));
        document.applyOptions({}, {1});
        SitePlanTable table(document);
        const BudgetDelegate delegate;
        const auto editorAt = [&](int row) {
            QWidget* made = delegate.createEditor(nullptr, {}, table.index(row, SitePlanTable::BitsColumn));
            return std::unique_ptr<QDoubleSpinBox>(qobject_cast<QDoubleSpinBox*>(made));
        };
        const auto fraction = editorAt(0);
        delegate.setEditorData(fraction.get(), table.index(0, SitePlanTable::BitsColumn));
        QCOMPARE(fraction->value(), 4.0);
        fraction->setValue(2.75);
        delegate.setModelData(fraction.get(), &table, table.index(0, SitePlanTable::BitsColumn));
        QCOMPARE(document.summary(0).bits, 2.75);
        QCOMPARE(editorAt(1)->decimals(), 0);
        QCOMPARE(editorAt(1)->minimum(), 2.0);
    }
};

EIGENQUANT_UI_TEST(tst_plan_editor, PlanEditorTest)
#include "tst_plan_editor.moc"
