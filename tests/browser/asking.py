"""What the tests do again and again."""

NEGATED = "i do not think the flower is beautiful"
LONG = (
    "We booked this hotel for our anniversary and were not disappointed. The room was clean, the bed was comfortable, "
    "but breakfast was awful and the staff never smiled. Still, the view made up for much of it. "
) * 14


def ask(page, text):
    """Type a review, send it, and wait for the answer."""
    page.fill("#review", text)
    page.click("text=Explain")
    answered(page, text)


def answered(page, text):
    """Wait until the coloured text is `text`."""
    page.wait_for_function(
        "text => document.querySelector('#result[aria-busy=false] .text')?.textContent === text", arg=text
    )


def words(page):
    return page.locator(".text .word").all_inner_texts()


def marked(page):
    """The word that each view marks: the text first, then the row of words under each chart."""
    return page.locator(".word.at, .words .at").all_text_contents()
