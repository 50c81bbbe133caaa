"""The report as a reader, a monitor and a printer get it: what is on it, what is not, and that it is always the same."""

from __future__ import annotations

import re
import zlib
from html.parser import HTMLParser

import pytest
import weasyprint

from spinereview.domain.anatomy import Level, Site
from spinereview.domain.imaging import Id
from spinereview.domain.lesion import Lesion, LesionRole, Tissue
from spinereview.domain.measurement import InSpace, Measurement, MeasurementKind
from spinereview.domain.scores import Answer, AnswerBasis
from spinereview.errors import SpineReviewError
from spinereview.report.key_images import PlaneWanted
from spinereview.report.page import report_html
from spinereview.report.pdf import report_pdf
from spinereview.report.words import site_text
from spinereview.review.command import Role
from spinereview.review.commands.lesions import AddLesion
from spinereview.review.commands.spine import MeasureHeights, Score
from spinereview.tasks import CancelToken
from spinereview.workflow.key_pictures import KeyPictures

BLINDED = """
[trial]
id = "B"
version = "2"
title = "Blinded"
[criterion.recist]
"""
BLOCKS = frozenset({"h1", "h2", "h3", "p", "tr", "dt", "dd", "figcaption", "caption", "section", "span", "strong"})


class Text(HTMLParser):
    """Words of a page by section; elements that are there."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self._silent = 0
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self._silent += tag in {"style", "title"}
        self.words.append("\n" if tag in BLOCKS else " ")

    def handle_endtag(self, tag):
        self._silent -= tag in {"style", "title"}

    def handle_data(self, data):
        if not self._silent:
            self.words.append(data)

    @property
    def text(self) -> str:
        lines = ("".join(self.words)).splitlines()
        return "\n".join(" ".join(line.split()) for line in lines if line.strip())

    def section(self, title: str) -> str:
        return self.text.partition(f"\n{title}\n")[2]


def html_of(desk, role: Role = Role.READER) -> str:
    facts = desk.facts(role)
    pictures = KeyPictures(desk.opened.source, facts.case, facts.stack_sha256, cancel=CancelToken())
    return report_html(facts, pictures.plane_of)


@pytest.fixture(scope="module")
def html(desk) -> str:
    """Report of the read that nothing changes."""
    return html_of(desk)


def pages_of(html: str) -> list[str]:
    """Words of each printed page, those at its edges included."""
    document = weasyprint.HTML(string=html).render()
    return [
        " ".join(box.text for box in page._page_box.descendants() if hasattr(box, "text")) for page in document.pages
    ]


def test_the_first_page_answers_what_was_found(html) -> None:
    front = Text(html).text.partition("\nKey images\n")[0]
    assert "Subject S-1" in front
    assert "R1, read for efficacy" in front
    assert "RECIST 1.1, not blinded, version 1" in front
    assert "FU1 2024-04-01 open SD Non-CR/Non-PD none" in front
    assert "T01 segment 4 liver, target 50.0 30.0 40.0" in front
    assert "T02 segment 7 liver, target 20.0 20.0 NE" in front
    assert "mm 70.0 50.0 –" in front.replace("\n", " ")
    assert "From baseline % – −28.6 –" in front


def test_every_mark_has_its_picture_with_what_and_where(html) -> None:
    page = Text(html)
    pictures = [
        attributes["aria-label"] for tag, attributes in page.tags if tag == "svg" and attributes["class"] == "picture"
    ]
    assert [label.split(":")[0] for label in pictures] == [
        *("BL, 2024-01-01", "FU1, 2024-04-01", "FU2, 2024-07-01"),
        *("BL, 2024-01-01", "FU1, 2024-04-01"),
        "FU2, 2024-07-01",
        *("BL, 2024-01-01", "FU1, 2024-04-01"),
    ]
    assert "T01 50.0 x 30.0 mm" in pictures[0]
    assert "T9 15.0 / 15.0 / 20.0 mm" in pictures[-1]
    images = page.section("Key images")
    assert "CT, image 13 of 40; native axial, calibrated; window 400 / 40" in images
    assert "CT, sagittal reformat 32 of 64 of images native axial; calibrated" in images


def test_the_spine_has_its_items_heights_losses_and_flags(html) -> None:
    spine = Text(html).section("Spine")
    assert "T9 FU1 1 3 2 0 missing missing 6–12 what is missing decides" in " ".join(spine.split("\n"))
    assert "T9 FU1 15.0 / 15.0 / 20.0 20.0 / 20.0 / 20.0 25.0 / 25.0 / 0.0 25.0 1 – new" in spine


def test_a_level_without_heights_has_no_row_of_dashes_and_is_named_as_not_assessed(make) -> None:
    desk = make(BLINDED.replace("[criterion.recist]", "[blinding]\nlive_response = true\n[criterion.recist]"))
    answer = Answer(value="MECHANICAL", basis=AnswerBasis.JUDGED)
    desk.session.do(Score(timepoint="FU2", level=Level.L3, form="SINS", item="PAIN", answer=answer))
    page = Text(html_of(desk))
    fractures = page.section("Spine").partition("\nWarnings\n")[0]
    assert "L3 FU2 – – – – – –" not in fractures
    assert "T9 FU1 15.0 / 15.0 / 20.0" in fractures
    assert "L3: heights have not been measured." in page.text


def test_a_lesion_over_several_levels_has_a_row_of_its_own(make) -> None:
    head = '[trial]\nid = "B"\nversion = "2"\ntitle = "t"\n[blinding]\nlive_response = true\n'
    desk = make(f'{head}[criterion.recist]\n[criterion.sins]\nsins_multilevel = "component_max"\n')
    levels = (Level.T8, Level.T9, Level.T10)
    desk.session.do(
        AddLesion(
            timepoint="FU1", role=LesionRole.NEW, nodal=False, site=Site(organ="BONE", location="", levels=levels),
            tissue=Tissue.LYTIC, group=False, measurement=None, stack_sha256="",
        )
    )  # fmt: skip
    spine = Text(html_of(desk)).section("Spine")
    listed = [line.split()[0] for line in spine.splitlines() if " FU1 " in line]
    assert listed.index("T8") < listed.index("T8-T10") < listed.index("T9")


def test_a_reason_stands_with_its_rule_and_its_source(html) -> None:
    why = Text(html).section("How the answers follow")
    assert "Target lesions: SD\nSD: 50.0 mm, baseline 70.0 mm (−28.6 %), nadir 70.0 mm at BL" in why
    assert re.search(r"T01: 30\.0 mm\. RECIST 1\.1 \(Eisenhauer 2009\), 4\.3\.1", why)
    assert "SINS T9: what is missing decides" in why
    assert "non-target Non-CR/Non-PD" in why


def test_what_could_not_be_assessed_is_said_once_with_its_timepoints(html) -> None:
    page = Text(html)
    assert "NEW04 is equivocal: look at it again at the next visit." in page.section("Open warnings")
    missing = page.section("What could not be assessed, and why").partition("\nMade from\n")[0]
    assert missing.count("T9: collapse of the body is not given.") == 1
    assert "N03" in missing
    assert len(missing.splitlines()) == len(set(missing.splitlines()))


def test_versions_and_hashes_are_printed(desk, html) -> None:
    facts, made = desk.facts(), Text(html).section("Made from")
    for told in (
        facts.program,
        facts.protocol_sha256,
        facts.case_sha256,
        facts.trail.sha256,
        *facts.stack_sha256.values(),
    ):
        assert told in made


def test_every_page_says_whose_it_is_and_what_it_was_made_from(desk, html) -> None:
    facts, pages = desk.facts(), pages_of(html)
    assert len(pages) >= 3
    for number, words in enumerate(pages, start=1):
        assert "Subject S-1" in words
        assert f"Page {number} of {len(pages)}" in " ".join(words.split())
        assert "Research use. Not a certified medical device." in words
        assert f"protocol {facts.protocol_sha256[:8]}" in words
        assert f"trail {facts.trail_head}" in words
        assert facts.program in words


def test_a_table_that_breaks_over_pages_repeats_its_head(make, reader_of) -> None:
    desk = make()
    reader = reader_of(desk.opened)
    for number in range(60):
        reader.lesion("FU2", LesionRole.NEW, f"place {number}")
    pages = pages_of(html_of(desk))
    listed = [words for words in pages if "liver, new" in words]
    assert len(listed) >= 2
    assert all("Lesion Site BL FU1 FU2" in " ".join(words.split()) for words in listed)


def test_nothing_says_who_the_patient_is(html) -> None:
    for told in ("Secret", "HOSPITAL", "4711", "19600102", "1960-01-02", "Jane Doe"):
        assert told not in html


def test_words_of_the_reader_are_no_markup(html) -> None:
    assert "<b>" not in html
    assert 'left <b>& "ilium"' in Text(html).text


@pytest.mark.parametrize("code", ['"; } body { display: none', "</style><script>", "a\\b; c"])
def test_words_at_the_edges_cannot_leave_their_string(make, code) -> None:
    title = code.replace("\\", "\\\\").replace('"', '\\"')
    desk = make(f'[trial]\nid = "B"\nversion = "2"\ntitle = "{title}"\n[criterion.recist]\n')
    html = html_of(desk)
    style = html.partition("<style>")[2].partition("</style>")[0]
    assert html.count("</style>") == 1
    assert "<script" not in html
    assert "display: none }" not in style.replace("p.screen { display: none; }", "")
    assert " ".join(code.split()) in " ".join(pages_of(html)[0].split())


def test_a_blinded_read_tells_neither_response_nor_day(blinded) -> None:
    html = html_of(blinded)
    text = Text(html).text
    assert text.count("after the lock") >= 12
    assert "This protocol shows sums, changes and the response of a timepoint when it has been locked." in text
    assert "2024-0" not in text
    for hidden in ("70.0", "−28.6", "SD", "4.3.1"):
        assert hidden not in text
    assert not [tag for tag, attributes in Text(html).tags if attributes.get("class") == "timeline"]
    assert "50.0 30.0 40.0" in text


def test_what_was_locked_is_told(make, reader_of) -> None:
    desk = make(BLINDED)
    reader_of(desk.opened).lock("BL")
    front = Text(html_of(desk)).text
    assert "BL locked baseline baseline – baseline" in " ".join(front.split("\n"))
    assert "70.0" in front
    assert "−28.6" not in front


def test_another_role_sees_nothing_before_the_signature(desk) -> None:
    text = Text(html_of(desk, Role.TRIAL_LEAD)).text
    assert "No lesion that may be seen." in text
    assert "What has not been signed is seen by its reader alone." in text
    assert "after signing" in text
    assert "T01" not in text


def test_missing_images_are_named_and_the_rest_is_made(desk) -> None:
    class Gone:
        """Source whose baseline was taken away."""

        def images(self, stack):
            gone = stack in desk.opened.case.timepoints["BL"].stacks
            return () if gone else desk.opened.source.images(stack)

    facts = desk.facts()
    pictures = KeyPictures(Gone(), facts.case, facts.stack_sha256, cancel=CancelToken())
    page = Text(report_html(facts, pictures.plane_of))
    labels = [
        attributes["aria-label"] for tag, attributes in page.tags if tag == "svg" and attributes["class"] == "picture"
    ]
    assert not [label for label in labels if label.startswith("BL")]
    assert len(labels) == 5
    assert "T01: no picture. The images of this series were not found. BL" in page.text
    assert "T01 segment 4 liver, target 50.0 30.0 40.0" in page.text


def test_a_picture_of_altered_images_is_never_shown(make) -> None:
    desk = make()
    stack = next(iter(desk.opened.case.timepoints["FU1"].stacks))
    file = desk.opened.source.images(stack)[0][0].path
    file.write_bytes(file.read_bytes()[:-2] + b"\x01\x02")
    page = Text(html_of(desk))
    labels = [
        attributes["aria-label"] for tag, attributes in page.tags if tag == "svg" and attributes["class"] == "picture"
    ]
    assert not [label for label in labels if label.startswith("FU1")]
    assert "a file was altered" in page.text


def test_an_image_of_another_case_is_refused(desk) -> None:
    facts = desk.facts()
    pictures = KeyPictures(desk.opened.source, facts.case, facts.stack_sha256, cancel=CancelToken())
    with pytest.raises(SpineReviewError, match="REPORT_IMAGE_UNKNOWN"):
        pictures.plane_of(PlaneWanted(stack="k-other"))
    stack = next(iter(facts.case.timepoints["BL"].stacks))
    with pytest.raises(SpineReviewError, match="REPORT_PLANE_NONE"):
        pictures.plane_of(PlaneWanted(stack=stack, through_um=((10**9, 10**9, 10**9),)))


def test_an_image_is_found_by_its_name_whatever_its_place(desk) -> None:
    class Turned:
        """Source that sorts the other way."""

        def images(self, stack):
            return tuple(reversed(desk.opened.source.images(stack)))

    facts = desk.facts()
    image = facts.read.lesions["L01"].findings["BL"].parts["a"].geometry.image
    wanted = PlaneWanted(stack=image.stack, image=image)
    for source, number in ((desk.opened.source, 13), (Turned(), 28)):
        pictures = KeyPictures(source, facts.case, facts.stack_sha256, cancel=CancelToken())
        assert pictures.plane_of(wanted).number == (number, 40)


def test_heights_that_lie_on_no_plane_have_no_picture_and_are_named(make) -> None:
    desk = make()
    stack = desk.opened.case.timepoints["FU2"].stacks
    (name,) = stack
    points = tuple(
        (x, y, z) for z in (40_000, 20_000) for x, y in ((10_000, 30_000), (40_000, 40_000), (70_000, 50_000))
    )
    geometry = InSpace(
        stacks=(name,),
        frame_of_reference_uid=stack[name].frame_of_reference_uid,
        points_um=points,
        plane_um=((40_000, 0, 0), (0, 1_000_000, 0), (0, 0, -1_000_000)),
    )
    mark = Measurement(id="h-1", kind=MeasurementKind.HEIGHTS, geometry=geometry)
    act = MeasureHeights(timepoint="FU2", level=Level.T9, stack=name, measurement=mark, stack_sha256="")
    desk.session.do(act)
    text = Text(html_of(desk)).text
    assert "Spine: no picture. These images have no plane through the points that were measured. FU2" in text


def test_the_same_read_gives_the_same_bytes(desk, html) -> None:
    first, second = html, html_of(desk)
    assert first == second
    assert report_pdf(first) == report_pdf(second)


def test_the_pdf_is_tagged_and_says_its_language_and_version(html) -> None:
    pdf = report_pdf(html)
    assert pdf.startswith(b"%PDF-1.7")
    streams = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL)
    words = pdf + b"".join(zlib.decompress(one) for one in streams if one.startswith(b"\x78"))
    for told in (b"/StructTreeRoot", b"/MarkInfo", b"/Lang (en)", b"/TH", b"/Figure", b"pdfaid:part", b"/Title"):
        assert told in words


@pytest.mark.parametrize("used_mm", [150, 225, 230, 235, 240])
def test_the_head_of_the_reasons_is_never_left_alone_at_the_foot_of_a_page(html, used_mm) -> None:
    style = html.partition("<style>")[2].partition("</style>")[0]
    first = (
        '<thead><tr><th>Reason</th></tr></thead><tbody><tr><th>Target</th></tr><tr><td id="first">SD</td></tr></tbody>'
    )
    rest = "<tbody><tr><th>New</th></tr><tr><td>None</td></tr></tbody>" * 20
    body = f'<h3 id="head">FU1</h3><table class="reasons">{first}{rest}</table>'
    page = f'<html><style>{style}</style><body><div style="height: {used_mm}mm"></div>{body}</body></html>'
    pages = [one.anchors for one in weasyprint.HTML(string=page).render().pages]
    assert [sorted(one) for one in pages if one] == [["first", "head"]]


def test_nothing_is_asked_of_the_disk_or_the_network(html) -> None:
    addresses = re.findall(r'(?:href|src)="([^"]*)"|url\("?([^")]*)', html)
    assert addresses
    assert {(one or two).partition(":")[0] for one, two in addresses} == {"data"}


@pytest.mark.parametrize(
    ("location", "organ", "told"),
    [
        ("Lymph node, para-aortic", "LYMPH NODE", "Lymph node, para-aortic"),
        ("para-aortic", "LYMPH NODE", "para-aortic lymph node"),
        ("", "LIVER", "liver"),
        ("segment 6", "LIVER", "segment 6 liver"),
    ],
)
def test_the_organ_is_not_said_twice(location: str, organ: str, told: str) -> None:
    site = Site(organ=organ, location=location)
    assert site_text(Lesion(id=Id("l1"), role=LesionRole.TARGET, site=site, first_seen=Id("BL"))) == told
