"""Chinese CSVs in hand-written files of the original layout: reviews, problems, each trap of the data."""

from collections import Counter

from models.labels import NEGATIVE, POSITIVE
from training.readers import chinese
from training.readers.reading import sha256_of
from training.review import Review


def short(reviews):
    return [(review.text, review.label, review.split) for review in reviews]


def complaints(reading):
    return [str(problem) for problem in reading.problems]


def test_shop_reviews_without_marks_and_test_texts(corpora_dir):
    reading = chinese.read(corpora_dir, ["online_shopping"])
    file = "chinese/online_shopping_10_cats.csv"
    assert reading.reviews == [
        Review("书很好", POSITIVE, "zh", "online_shopping", "dev", f"{file}:2", "书籍"),
        Review("质量差", NEGATIVE, "zh", "online_shopping", "train", f"{file}:3", "平板"),
        Review("房间很大", POSITIVE, "zh", "online_shopping", "train", f"{file}:5", "酒店"),
        Review("衣服\n掉色", NEGATIVE, "zh", "online_shopping", "calibration", f"{file}:8", "衣服"),
        # after a review of two lines; the original holds U+FEFF before this text
        Review("服务好", POSITIVE, "zh", "online_shopping", "train", f"{file}:11", "手机"),
    ]
    assert reading.dropped == Counter({("online_shopping", "test split"): 1})


def test_bad_shop_rows_are_reported_by_line(corpora_dir):
    file = "chinese/online_shopping_10_cats.csv"
    assert complaints(chinese.read(corpora_dir, ["online_shopping"])) == [
        f"{file}:6: empty review",
        f"{file}:7: label is '2', expected 0 or 1",
        f"{file}:10: 4 fields, expected 3",
    ]


def test_full_width_punctuation_and_quotation_marks_stay(corpora_dir):
    reading = chinese.read(corpora_dir, ["hotel"])
    assert reading.reviews[-1] == Review(
        '前台热情，"早餐"一般。', POSITIVE, "zh", "hotel", "train", "chinese/ChnSentiCorp_htl_all.csv:5"
    )


def test_a_byte_that_is_not_utf8_costs_one_row(corpora_dir):
    path = corpora_dir / "chinese/waimai_10k.csv"
    path.write_bytes(b"label,review\n1,\xb2\xbb\n0," + "难吃".encode())
    reading = chinese.read(corpora_dir, ["waimai"])
    assert short(reading.reviews) == [("难吃", NEGATIVE, "train")]
    assert complaints(reading) == ["chinese/waimai_10k.csv:2: not valid UTF-8"]


def test_another_files_columns_are_said(corpora_dir):
    (corpora_dir / "chinese/waimai_10k.csv").write_text("review,label\n难吃,0\n", encoding="utf-8")
    reading = chinese.read(corpora_dir, ["waimai"])
    assert not reading.reviews
    assert "columns are ['review', 'label'], expected ['label', 'review']" in complaints(reading)[0]


def test_a_file_is_recorded_with_hash_and_rows(corpora_dir):
    (file,) = chinese.read(corpora_dir, ["waimai"]).files
    path = corpora_dir / "chinese/waimai_10k.csv"
    assert (file.path, file.sha256, file.rows) == ("chinese/waimai_10k.csv", sha256_of(path), 4)
